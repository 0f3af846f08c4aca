from odoo import fields, models
from odoo.exceptions import UserError


class ComplaintSplitWizard(models.TransientModel):
    """Splits allegations and messages off into a new complaint (A7)."""

    _name = "complaint.split.wizard"
    _description = "Split a Complaint"

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    case_phase = fields.Selection(related="case_id.phase")
    subject = fields.Char(required=True, string="Subject of the new complaint")
    date_received = fields.Datetime(
        string="Received on",
        required=True,
        help="The time limits of the new complaint count from then.",
    )
    allegation_ids = fields.Many2many(
        comodel_name="complaint.allegation",
        string="Allegations",
        domain="[('case_id', '=', case_id)]",
    )
    message_ids = fields.Many2many(
        comodel_name="mail.message",
        string="Messages",
        domain="[('model', '=', 'complaint.case'), ('res_id', '=', case_id),"
        " ('message_type', 'in', ('comment', 'email', 'email_outgoing'))]",
    )
    do_tell = fields.Boolean(
        string="Tell the customer",
        default=True,
        help="An acknowledgement with number and time limits of the new complaint.",
    )

    def action_split(self):
        """Split it off, and go to the new complaint."""
        self.ensure_one()
        if not self.subject.strip():
            raise UserError(self.env._("Say in a few words what it is about."))
        new = self.case_id._split_off(
            {"subject": self.subject, "date_received": self.date_received},
            self.allegation_ids,
            self.message_ids,
            tell=self.do_tell,
        )
        return new._get_records_action()
