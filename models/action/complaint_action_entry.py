from odoo import fields, models
from odoo.tools import format_date

KINDS = [
    ("started", "Put in hand"),
    ("progress", "Progress"),
    ("done", "Reported as done"),
    ("accepted", "Accepted as done"),
    ("rejected", "Not accepted as done"),
    ("postponed", "Postponed"),
    ("effective", "Effective"),
    ("ineffective", "Not effective"),
    ("recheck", "To be checked again"),
    ("cancelled", "Cancelled"),
]


class ComplaintActionEntry(models.Model):
    """What happened to a corrective action, in order: progress, acceptance, proof.

    Only added to, by the methods of the action; printed in the acceptance report (E3).
    """

    _name = "complaint.action.entry"
    _inherit = ["complaint.append.only.mixin"]
    _description = "Entry of a Corrective Action"
    _order = "id"
    _rec_name = "kind"

    action_id = fields.Many2one(
        comodel_name="complaint.action",
        string="Measure",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    at = fields.Datetime(
        string="When",
        required=True,
        readonly=True,
        default=lambda self: fields.Datetime.now(),
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Done by",
        readonly=True,
        default=lambda self: self.env.uid,
        ondelete="restrict",
        index="btree_not_null",
    )
    kind = fields.Selection(
        selection=KINDS, string="What", required=True, readonly=True
    )
    text = fields.Text(readonly=True)
    progress = fields.Integer(string="Progress (%)", readonly=True, aggregator=None)
    deadline = fields.Date(string="To be done by", readonly=True)
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="complaint_action_entry_attachment_rel",
        column1="entry_id",
        column2="attachment_id",
        string="Files",
        readonly=True,
        bypass_search_access=True,
    )

    def _file_text(self):
        """What it says on paper, with the day or the progress that it is about."""
        self.ensure_one()
        words = []
        if self.deadline and self.kind in ("started", "rejected", "postponed"):
            day = format_date(self.env, self.deadline)
            words.append(self.env._("To be done by %(day)s.", day=day))
        if self.kind == "progress":
            words.append(self.env._("%(percent)s %% done.", percent=self.progress))
        return " ".join(filter(None, [*words, self.text]))


class ComplaintAction(models.Model):
    """The entries of a corrective action."""

    _inherit = "complaint.action"

    entry_ids = fields.One2many(
        comodel_name="complaint.action.entry",
        inverse_name="action_id",
        string="History",
        readonly=True,
    )

    def _note(self, kind, text=None, attachments=None, **values):
        """Add an entry; files that came with it are kept with the action.

        :param str kind: one of the kinds of entries
        :param attachments: ir.attachment, uploaded by the user
        """
        self.ensure_one()
        if attachments:
            self._take_files(attachments)
        # sudo: entries are written by the methods only, by nobody's hand.
        self.env["complaint.action.entry"].sudo().create(
            {
                "action_id": self.id,
                "user_id": self.env.uid,
                "kind": kind,
                "text": (text or "").strip() or False,
                "progress": self.progress,
                "deadline": self.deadline,
                "attachment_ids": attachments.ids if attachments else [],
                **values,
            }
        )

    def _take_files(self, attachments):
        """Have files belong to the action; nobody brings files of other records."""
        # sudo: whoever may read the action reads its files, and uploads some.
        files = attachments.sudo()
        own = files.filtered(
            lambda file: (
                file.create_uid == self.env.user
                and not file.res_id
                and file.type == "binary"
            )
        )
        own.write({"res_model": self._name, "res_id": self.id})
        if own != files:
            (files - own).with_env(self.env).check_access("read")
