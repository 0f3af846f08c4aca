from odoo import fields, models

#: From which verdict on customers are called back.
WHEN = [
    ("dissatisfied", "Dissatisfied customers"),
    ("basic", "Basically satisfied ones as well"),
    ("none", "Nobody"),
]


class ResCompany(models.Model):
    """Whom the company calls back after an answer, and how soon (F3)."""

    _inherit = "res.company"

    complaint_callback_when = fields.Selection(
        selection=WHEN,
        string="Who is called back",
        required=True,
        default="dissatisfied",
    )
    complaint_callback_days = fields.Integer(
        string="Call back within (working days)",
        default=2,
        help="Working days of the team's calendar from when the answer arrived.",
    )

    _complaint_callback_days = models.Constraint(
        "CHECK (complaint_callback_days BETWEEN 1 AND 60)",
        "Call-back: give a number of working days from 1 to 60.",
    )

    def _complaint_callback_levels(self):
        """Verdicts that bring a call-back; see LEVELS of complaint.feedback."""
        self.ensure_one()
        return {
            "dissatisfied": ("dissatisfied",),
            "basic": ("dissatisfied", "basic"),
        }.get(self.complaint_callback_when, ())
