from odoo import fields, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

#: Where graphs count limits that nobody has explained.
NO_REASON = _lt("No reason given")


class ComplaintSlaClock(models.Model):
    """Why a limit was missed, as the handler says it (C6)."""

    _inherit = "complaint.sla.clock"

    breach_reason_id = fields.Many2one(
        comodel_name="complaint.breach.reason",
        string="Why it was missed",
        falsy_value_label=NO_REASON,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    breach_note = fields.Text(string="What happened", readonly=True)

    def _explain(self, reason, note=None):
        """Keep why these limits were missed; who said it is in the ledger.

        :param reason: complaint.breach.reason
        :param str note: in words
        """
        self.write({"breach_reason_id": reason.id, "breach_note": note or False})
        text = f"{reason.name}: {note}" if note else reason.name
        self.env["complaint.sla.event"]._record(
            "explained", self, dict.fromkeys(self, text)
        )

    def _milestone_names(self):
        """The milestones of these clocks in words, each once, by deadline."""
        names = dict(self._fields["milestone"]._description_selection(self.env))
        return list(dict.fromkeys(names[clock.milestone] for clock in self))
