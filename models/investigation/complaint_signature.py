from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.fingerprint import fingerprint

#: Who signs, in this order (D1).
ROLES = [
    ("investigator", "Investigator"),
    ("in_charge", "Person in charge"),
    ("supervisor", "Supervisor"),
]
#: What the fingerprint covers, beside the signature before.
FACTS = (
    "role",
    "attempt",
    "signed_at",
    "person",
    "content",
    "is_refusal",
    "reason",
)


class ComplaintSignature(models.Model):
    """A signature under a report, with what was signed, or the refusal to sign (D1).

    Lines are added, none is changed. Each is linked to the one before.
    """

    _name = "complaint.signature"
    _inherit = ["complaint.append.only.mixin"]
    _description = "Signature of a Report"
    _order = "investigation_id, id"
    _rec_name = "person"

    investigation_id = fields.Many2one(
        comodel_name="complaint.investigation",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    role = fields.Selection(
        selection=ROLES, string="Signs as", required=True, readonly=True
    )
    attempt = fields.Integer(readonly=True, required=True, aggregator=None)
    user_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        index=True,
        required=True,
        ondelete="restrict",
    )
    person = fields.Char(string="Signed by", readonly=True, required=True)
    signed_at = fields.Datetime(string="Signed on", readonly=True, required=True)
    image = fields.Binary(string="Signature", readonly=True, attachment=False)
    content = fields.Text(
        string="What was signed", readonly=True, required=True, help="As JSON."
    )
    is_refusal = fields.Boolean(string="Sent back", readonly=True)
    reason = fields.Text(string="Why it was sent back", readonly=True)
    fingerprint = fields.Char(readonly=True, required=True)

    _once = models.UniqueIndex(
        "(investigation_id, attempt, role)",
        "Somebody signed in this place already. Reload the page.",
    )
    _nobody_twice = models.UniqueIndex(
        "(investigation_id, attempt, user_id)", "Nobody signs a report twice."
    )

    def _refuse_change(self):
        raise UserError(self.env._("A signature is a record and cannot be changed."))

    def _facts(self):
        """What the fingerprint covers, the drawn signature included."""
        self.ensure_one()
        facts = {name: self[name] for name in FACTS} | {"reason": self.reason or ""}
        return facts | {"image": self._image_print(self.image)}

    @api.model
    def _image_print(self, image):
        """Fingerprint of a drawn signature, as base64; empty without one."""
        if not image:
            return ""
        return fingerprint(image.encode() if isinstance(image, str) else image)
