from odoo import fields, models

WAYS = [
    ("phone", "By telephone"),
    ("visit", "In person"),
    ("mail", "By mail or message"),
    ("letter", "By letter"),
]


class ComplaintInvestigationContact(models.Model):
    """A talk with the complainant: what was asked, and what was said (D1)."""

    _name = "complaint.investigation.contact"
    _inherit = ["complaint.investigation.part"]
    _description = "Talk with a Complainant"
    _order = "at, id"
    _rec_name = "at"

    at = fields.Datetime(string="When", required=True, default=fields.Datetime.now)
    way = fields.Selection(selection=WAYS, string="How", required=True, default="phone")
    person = fields.Char(string="With whom")
    content = fields.Text(string="What was said", required=True)

    def _facts(self):
        self.ensure_one()
        return {
            "at": self.at,
            "way": self.way,
            "person": self.person or "",
            "content": self.content,
        }
