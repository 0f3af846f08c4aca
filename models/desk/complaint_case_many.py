from odoo import fields, models


class ComplaintCase(models.Model):
    """Doors to the desk: work on many, and the acknowledgement on paper (A6, I2)."""

    _inherit = "complaint.case"

    def action_work_on_many(self):
        """Open the page that does one thing to all of the selected complaints."""
        self.check_access("write")
        bulk = self.env["complaint.bulk"]._for_cases(self)
        return bulk._reopen()

    def _acknowledged_on_paper(self):
        """The acknowledgement is printed: the customer has it in hand."""
        self.check_access("write")
        waiting = self.filtered(lambda case: not case.acknowledged_at)
        waiting.acknowledged_at = fields.Datetime.now()
        note = self.env._("The acknowledgement was printed for the customer.")
        waiting._message_log_batch(bodies=dict.fromkeys(waiting.ids, note))
