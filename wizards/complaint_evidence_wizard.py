import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from ..models.evidence.complaint_evidence import KINDS, METHODS, SOURCES

GROUPINGS = [
    ("each", "Each file is a piece of its own"),
    ("one", "All files are one piece"),
]


class ComplaintEvidenceWizard(models.TransientModel):
    """Registers evidence: files of a message or of the complaint, or new ones (D3).

    With a piece given, files are added to it instead.
    """

    _name = "complaint.evidence.wizard"
    _description = "Register Evidence"

    case_id = fields.Many2one(
        comodel_name="complaint.case", string="Complaint", required=True
    )
    evidence_id = fields.Many2one(comodel_name="complaint.evidence", readonly=True)
    message_id = fields.Many2one(comodel_name="mail.message", readonly=True)
    candidate_ids = fields.Many2many(
        comodel_name="ir.attachment",
        compute="_compute_candidate_ids",
        help="Files of the complaint, or of the message, not registered so far.",
    )
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="complaint_evidence_wizard_file_rel",
        string="From the complaint",
        compute="_compute_attachment_ids",
        store=True,
        readonly=False,
        domain="[('id', 'in', candidate_ids)]",
    )
    upload_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="complaint_evidence_wizard_upload_rel",
        string="From your computer",
    )
    with_message = fields.Boolean(
        string="The message itself",
        compute="_compute_with_message",
        store=True,
        readonly=False,
        help="Its words with sender, date and Message-Id, as a text file.",
    )
    has_mail = fields.Boolean(compute="_compute_has_mail")
    with_mail = fields.Boolean(
        string="The mail as it came",
        help="With all its headers, byte for byte, as an .eml file. It is there for "
        "mails that were held before they were taken in.",
    )
    grouping = fields.Selection(
        selection=GROUPINGS, string="Pieces", required=True, default="each"
    )
    title = fields.Char(
        string="Designation",
        help="In a few words, as it stands in the list of evidence. Pieces of several "
        "files are called after the files if you leave it empty.",
    )
    kind = fields.Selection(
        selection=KINDS, string="Kind of evidence", required=True, default="electronic"
    )
    source = fields.Selection(
        selection=SOURCES,
        string="Comes from",
        required=True,
        compute="_compute_from_message",
        store=True,
        precompute=True,
        readonly=False,
    )
    source_name = fields.Char(
        string="Name of the source",
        compute="_compute_from_message",
        store=True,
        precompute=True,
        readonly=False,
    )
    method = fields.Selection(
        selection=METHODS, string="How it was taken", required=True, default="handed_in"
    )
    collected_at = fields.Datetime(
        string="Taken on",
        required=True,
        compute="_compute_from_message",
        store=True,
        precompute=True,
        readonly=False,
    )
    description = fields.Text(help="What it shows, and how it came about.")
    allegation_ids = fields.Many2many(
        comodel_name="complaint.allegation",
        relation="complaint_evidence_wizard_allegation_rel",
        string="Allegations",
        domain="[('case_id', '=', case_id)]",
    )

    @api.depends("case_id", "message_id")
    def _compute_candidate_ids(self):
        for wizard in self:
            wizard.candidate_ids = wizard._candidates()

    def _candidates(self):
        """Files of the message, or of the whole complaint, that are no evidence yet."""
        files = self.env["ir.attachment"]
        if self.message_id:
            files = self.message_id.attachment_ids
        elif self.case_id:
            files = files.search(
                [
                    ("res_model", "=", "complaint.case"),
                    ("res_id", "=", self.case_id.id),
                ],
                limit=200,
            )
        # sudo: contents are compared by the checksum that Odoo keeps; nothing is told.
        known = self.case_id.sudo().evidence_ids.file_ids.attachment_id
        checksums = set(known.mapped("checksum"))
        return files.filtered(lambda file: file.sudo().checksum not in checksums)

    @api.depends("message_id")
    def _compute_attachment_ids(self):
        for wizard in self:
            wizard.attachment_ids = wizard._candidates() if wizard.message_id else False

    @api.depends("message_id")
    def _compute_with_message(self):
        for wizard in self:
            wizard.with_message = bool(
                wizard.message_id and not wizard.message_id.attachment_ids
            )

    @api.depends("case_id", "message_id")
    def _compute_has_mail(self):
        for wizard in self:
            wizard.has_mail = bool(wizard._held_mail())

    @api.constrains("case_id", "message_id")
    def _check_rights(self):
        """Before the author of the message is kept here."""
        # Odoo checks constraints as the system.
        wizards = self.sudo(False)
        wizards.case_id.check_access("write")
        wizards.message_id.check_access("read")

    def _held_mail(self):
        """Held mail of which the message was made, as long as the mail itself is kept.

        :return: attachments, at most one, which only managers read otherwise
        """
        self.message_id.check_access("read")
        mails = self.env["complaint.intake.failure"]
        if not (self.message_id.message_id and self._is_message_here()):
            return self.env["ir.attachment"]
        # sudo: who may read the message may keep as evidence what it was made of.
        return mails.sudo()._mail_of(self.case_id, self.message_id.message_id)

    @api.depends("case_id", "message_id")
    def _compute_from_message(self):
        for wizard in self:
            message = wizard.message_id
            # sudo: the name of who wrote a message that the user may read.
            author = message.sudo().author_id
            by_customer = not author or author.partner_share
            wizard.source = "complainant" if by_customer else "company"
            wizard.source_name = (
                author.name or message.email_from or wizard.case_id.partner_name
            )
            wizard.collected_at = message.date or fields.Datetime.now()

    # Registering ----------------------------------------------------------------------

    def action_register(self):
        """Register the pieces, or add the files to the piece given; open the result.

        :raise UserError: when nothing is chosen
        """
        self.ensure_one()
        self._check_chosen()
        files = self._files()
        if self.evidence_id:
            self.evidence_id._add_files({self.evidence_id: files})
            pieces = self.evidence_id
        else:
            pieces = self._make_pieces(files)
        # What was uploaded for this is kept as evidence now.
        self.upload_ids.filtered(lambda file: file.res_model == self._name).unlink()
        return self._open(pieces)

    def _check_chosen(self):
        self.attachment_ids.check_access("read")
        if self.message_id:
            self.message_id.check_access("read")
        is_foreign = self.attachment_ids - self._candidates()
        if is_foreign or (self.message_id and not self._is_message_here()):
            raise UserError(
                self.env._(
                    "Something chosen is no longer here, or is registered already. "
                    "Close the dialogue and try again."
                )
            )

    def _is_message_here(self):
        message = self.message_id
        return (message.model, message.res_id) == ("complaint.case", self.case_id.id)

    def _files(self):
        """What is registered: name, raw content, type and origin of each."""
        message = self.message_id
        origin = self._where_from(message) if message else self.case_id.name
        files = [
            {
                "name": file.name,
                "raw": file.raw,
                "mimetype": file.mimetype,
                "origin": where,
            }
            for chosen, where in (
                (self.attachment_ids, origin),
                (self.upload_ids, self.env._("Uploaded")),
            )
            for file in chosen
        ]
        if message and self.with_message:
            files.insert(0, self._message_file(message, origin))
        if message and self.with_mail:
            files += self._mail_files(origin)
        return files

    def _where_from(self, message):
        return self.env._(
            "Message of %(author)s, %(date)s UTC",
            author=message.sudo().author_id.name or message.email_from or "",
            date=fields.Datetime.to_string(message.date),
        )

    def _message_file(self, message, origin):
        """The words of a message as a file that everybody can read in twenty years."""
        lines = [
            f"From: {message.email_from or message.sudo().author_id.name or ''}",
            f"Date: {fields.Datetime.to_string(message.date)} UTC",
            f"Subject: {message.subject or ''}",
            f"Message-Id: {message.message_id or ''}",
            "",
            html2plaintext(message.body or ""),
        ]
        day = fields.Date.to_string(message.date)
        return {
            "name": self.env._("Message %(date)s.txt", date=day),
            "raw": "\n".join(lines).encode(),
            "mimetype": "text/plain",
            "origin": origin,
        }

    def _mail_files(self, origin):
        mail = self._held_mail()
        if not mail:
            raise UserError(self.env._("The mail as it came is not kept any more."))
        return [
            {
                "name": mail.name,
                "raw": mail.raw,
                "mimetype": mail.mimetype,
                "origin": origin,
            }
        ]

    def _make_pieces(self, files):
        groups = [[file] for file in files]
        if self.grouping == "one" or not files:
            groups = [files]
        titles = [self._title(group) for group in groups]
        if not all(titles):
            raise UserError(
                self.env._("Choose a file, or say in a few words what the piece is.")
            )
        pieces = self.env["complaint.evidence"].create(
            [self._piece_values(title) for title in titles]
        )
        with_files = {
            piece: group for piece, group in zip(pieces, groups, strict=True) if group
        }
        pieces.filtered(with_files.get)._add_files(with_files)
        return pieces

    def _title(self, group):
        title = (self.title or "").strip()
        if not group or (title and self.grouping == "one"):
            return title
        name = re.sub(r"\.\w{1,5}$", "", group[0]["name"]).strip() or group[0]["name"]
        is_alone = self.grouping == "one" or len(self._files_chosen()) == 1
        return (title if is_alone else "") or (
            self.env._("%(title)s: %(file)s", title=title, file=name) if title else name
        )

    def _files_chosen(self):
        others = [0] * (self.with_message + self.with_mail)
        return self.attachment_ids.ids + self.upload_ids.ids + others

    def _piece_values(self, title):
        return {
            "case_id": self.case_id.id,
            "title": title,
            "kind": self.kind,
            "source": self.source,
            "source_name": self.source_name,
            "method": self.method,
            "collected_at": self.collected_at,
            "description": self.description,
            "allegation_ids": self.allegation_ids.ids,
        }

    def _open(self, pieces):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_evidence_action"
        )
        action["context"] = {"create": False}
        if len(pieces) == 1:
            return action | {"views": [(False, "form")], "res_id": pieces.id}
        return action | {"domain": [("id", "in", pieces.ids)]}
