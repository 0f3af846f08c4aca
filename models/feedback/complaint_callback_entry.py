from odoo import api, fields, models

ENTRIES = [
    ("attempt", "Call attempt"),
    ("handover", "Handed over"),
    ("merged", "Complaints merged"),
    ("done", "Ended"),
    ("cancelled", "Cancelled"),
]
CALL_WAYS = [
    ("phone", "By telephone"),
    ("mail", "By mail"),
    ("message", "By message"),
    ("face", "Face to face"),
    ("letter", "By letter"),
]


class ComplaintCallbackEntry(models.Model):
    """What happened to a call-back, in order: who tried when, and what was said (F3).

    Only added to, by the methods of the call-back.
    """

    _name = "complaint.callback.entry"
    _inherit = ["complaint.append.only.mixin"]
    _description = "Entry of a Call-back"
    _order = "at, id"
    _rec_name = "kind"

    callback_id = fields.Many2one(
        comodel_name="complaint.callback",
        string="Call-back",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    kind = fields.Selection(
        selection=ENTRIES, string="What", required=True, readonly=True
    )
    at = fields.Datetime(
        string="When",
        required=True,
        readonly=True,
        default=lambda self: fields.Datetime.now(),
        help="When it was tried; noted later, it is not when it was noted.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="By whom",
        readonly=True,
        default=lambda self: self.env.uid,
        ondelete="restrict",
        index="btree_not_null",
    )
    way = fields.Selection(selection=CALL_WAYS, string="By which way", readonly=True)
    is_reached = fields.Boolean(string="Customer reached", readonly=True)
    text = fields.Text(string="What was said", readonly=True)


class ComplaintCallback(models.Model):
    """The entries of a call-back."""

    _inherit = "complaint.callback"

    entry_ids = fields.One2many(
        comodel_name="complaint.callback.entry",
        inverse_name="callback_id",
        string="History",
        readonly=True,
    )
    attempt_count = fields.Integer(string="Attempts", compute="_compute_attempt_count")

    @api.depends("entry_ids.kind")
    def _compute_attempt_count(self):
        counts = dict(
            self.env["complaint.callback.entry"]._read_group(
                [("callback_id", "in", self.ids), ("kind", "=", "attempt")],
                ["callback_id"],
                ["__count"],
            )
        )
        for one in self:
            one.attempt_count = counts.get(one._origin, 0)

    def _note(self, kind, text=None, **values):
        """Add an entry.

        :param str kind: one of the kinds of entries
        :param values: ``at`` (naive UTC), ``way``, ``is_reached``
        """
        self.ensure_one()
        # sudo: entries are written by the methods only, by nobody's hand.
        self.env["complaint.callback.entry"].sudo().create(
            {
                "callback_id": self.id,
                "user_id": self.env.uid,
                "kind": kind,
                "text": (text or "").strip() or False,
                **values,
            }
        )
