import hashlib
import json

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL

#: Index by which the database refuses the second of two equal submissions.
REQUEST_INDEX = "complaint_case_request_key_unique"


class ComplaintCase(models.Model):
    """What is sent twice is one complaint, whatever door it comes through (A7)."""

    _inherit = "complaint.case"

    request_key = fields.Char(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="Fingerprint of what was sent, so that a form, mail or call that arrives "
        "twice is one complaint.",
    )

    _request_key_unique = models.UniqueIndex(
        "(request_key) WHERE request_key IS NOT NULL"
    )

    @api.model
    def _request_key(self, door, sender, *told):
        """Fingerprint of a submission.

        Door and sender are part of it: nobody finds another's complaint by sending
        the same.

        :param str door: portal, guest, api ...
        :param sender: who sends, in words or numbers of that door
        :param told: what was sent, or the key that the sender gave it; JSON values
        """
        text = json.dumps([door, sender, *told], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @api.model
    def _intake_once(self, vals, channel, request_key, files=()):
        """Register a complaint that may be sent more than once (A1, A2, A7).

        The same sent again - a double click, a page loaded anew, a client that tries
        again - is the same complaint.

        :param dict vals: values of the case, see :meth:`_intake`
        :param str channel: code of the complaint.channel
        :param str request_key: of :meth:`_request_key`
        :param list[dict] files: name and raw content of each file, checked
        :return: (case, whether it is new)
        :raise UserError: when the complaint lacks something; nothing is kept then
        """
        # Of two at the same time one waits its turn: it is run again when the other
        # is through, because it cannot see the other's complaint yet.
        [[is_first]] = self.env.execute_query(
            SQL(
                "SELECT pg_try_advisory_xact_lock(%s)",
                int.from_bytes(bytes.fromhex(request_key[:16]), signed=True),
            )
        )
        if not is_first:
            raise ConcurrencyError("complaint is being sent twice")
        present = self.with_context(active_test=False).search(
            [("request_key", "=", request_key)], limit=1
        )
        if present:
            return present, False
        try:
            with self.env.cr.savepoint():
                case = self._intake([{**vals, "request_key": request_key}], channel)
                case._intake_attach(files)
        except UniqueViolation as error:
            if error.diag.constraint_name != REQUEST_INDEX:
                raise
            # The other was through between this one's beginning and its turn.
            raise ConcurrencyError("complaint was sent twice") from error
        return case, True

    def _intake_attach(self, files, to_message=False):
        """Keep files of the customer with the complaint, so that they cannot run.

        HTML and SVG become plain text, whoever the environment's user is. Photos are
        kept as they are, neither made smaller nor stripped of when they were taken.

        :param list[dict] files: name, raw content and perhaps description of each
        :param bool to_message: hand them to a message that is posted next; it takes
            them along to the complaint
        :return: the attachments
        """
        self.ensure_one()
        owner = {"res_model": self._name, "res_id": self.id}
        if to_message:
            # What a customer may put into a message, in Odoo's view.
            owner = {"res_model": "mail.compose.message", "res_id": 0}
        # sudo: customers may not create attachments on records by themselves.
        return (
            self.env["ir.attachment"]
            .sudo()
            .with_context(attachments_mime_plainxml=True, image_no_postprocess=True)
            .create(
                [
                    {
                        "name": file["name"],
                        "raw": file["raw"],
                        "description": file.get("description"),
                        **owner,
                    }
                    for file in files
                ]
            )
        )
