from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import plaintext2html

from ..constants import PHASE_ORDER

#: Longest text that a customer writes into one field, in characters.
REASON_LENGTH = 5000
#: Longest description of what files show, in characters.
SHOWS_LENGTH = 200


class ComplaintCase(models.Model):
    """What the customer may do with a complaint and its answer (D4, E4).

    Called by the portal after it has checked that the case is the customer's.
    """

    _inherit = "complaint.case"

    def _customer_accept(self, author=None, at=None, message=None):
        """The customer accepts the answer: settled and closed.

        :param author: contact who does it, empty for a complainant who is none; by
            default that of the user
        :param datetime at: when the customer said so, naive UTC; now by default
        :param message: the customer's message, when staff record what it says
        :raise UserError: when there is no answer to accept, or it is too late
        """
        self.ensure_one()
        self._check_awaits_customer(at and self._reaction_moment(at))
        author = self.env.user.partner_id if author is None else author
        words = self.env._("The customer accepted the answer.")
        self._log_reaction(words, author, message)
        if not message:
            self._track_set_author(author)
        outcome = "refused" if self.outcome == "refused" else "settled"
        if self.phase == "closed":
            self._accepted_before_closing(outcome)
        else:
            self._move_to("closed", customer_verdict="accepted", outcome=outcome)
        self._end_reaction_to_do()

    def _accepted_before_closing(self, outcome):
        """It was closed as if the customer had kept silent: set the record right."""
        self.customer_verdict = "accepted"
        # sudo, as history: how a closed complaint ended is changed by nobody's hand.
        self.sudo().with_context(complaint_history=True).write({"outcome": outcome})

    def _customer_object(self, reason, author=None, at=None, message=None):
        """The customer does not accept: the case is looked at again (D4).

        :param str reason: plain text, in the customer's words
        :param author: as in :meth:`_customer_accept`
        :param at: as in :meth:`_customer_accept`; the limits of the new round count
            from then
        :param message: as in :meth:`_customer_accept`; its words are not posted again
        :raise UserError: as :meth:`_customer_accept`, or without a reason
        """
        self.ensure_one()
        moment = at and self._reaction_moment(at)
        self._check_awaits_customer(moment)
        reason = (reason or "").strip()[:REASON_LENGTH]
        if not reason:
            raise UserError(self.env._("Please tell us what you do not agree with."))
        author = self.env.user.partner_id if author is None else author
        words = self.env._("The customer does not accept the answer.")
        if message:
            self._log_reaction(words, author, message)
        else:
            self._customer_say(reason, author)
            self._track_set_author(author)
        self._move_to("investigating", customer_verdict="objected")
        if moment:
            self.reopened_at = moment
            self._clocks_rematch()
        if not message or self.user_id != self.env.user:
            self._alert_handler(words, note=plaintext2html(reason))
        self._end_reaction_to_do()

    def _customer_say(self, words, author):
        """Post why the customer objects, in the customer's name."""
        # Queued: a request that is run again must not send a mail twice. And nobody
        # has to be asked to record what is being recorded.
        context = {"mail_notify_force_send": False, "complaint_reacting": True}
        self.with_context(**context).message_post(
            body=plaintext2html(words),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **self._customer_as_author(author),
        )

    def _customer_as_author(self, author):
        """Author and sender of what a contact says on the page of the complaint."""
        return {"author_id": author.id}

    def _check_awaits_customer(self, at=None):
        if not self._awaits_customer(at):
            raise UserError(
                self.env._(
                    "There is no answer that waits for you: it was dealt with in the "
                    "meantime. Please reload the page."
                )
            )

    def _customer_withdraw(self, reason="", author=None):
        """The customer takes the complaint back while it is not answered yet.

        :param str reason: plain text, in the customer's words; may be empty
        :param author: as in :meth:`_customer_accept`
        :raise UserError: when there is an answer already, or it is closed
        """
        self.ensure_one()
        if not self._customer_may_withdraw():
            raise UserError(
                self.env._(
                    "The complaint cannot be taken back any more: it was dealt with in "
                    "the meantime. Please reload the page."
                )
            )
        reason = (reason or "").strip()[:REASON_LENGTH]
        author = self.env.user.partner_id if author is None else author
        self._message_log(
            body=self._reason_body(
                self.env._("The customer took the complaint back"),
                plaintext2html(reason) if reason else "",
            ),
            **self._customer_as_author(author),
        )
        self._track_set_author(author)
        self._move_to("closed", outcome="withdrawn")
        if self.user_id:
            # Somebody may be on the way to the customer, or have ordered a part.
            self._alert_handler(self.env._("The customer took the complaint back."))

    def _customer_may_withdraw(self):
        """Once there is an answer, it is accepted or objected to instead."""
        return PHASE_ORDER[self.phase] < PHASE_ORDER["answered"]

    def _customer_add_evidence(self, files, shows, author=None):
        """The customer hands in files and says what they show (D3, D4).

        They are posted as a message, so that whoever follows the complaint hears of
        them. Files that are here already, described alike, are not kept twice: a
        client that got no answer sends them again.

        :param list[dict] files: name and raw content of each, checked
        :param str shows: what the files show, in a few plain words
        :param author: as in :meth:`_customer_accept`
        :return: the new attachments
        :raise UserError: without files, or without saying what they show
        """
        self.ensure_one()
        shows = " ".join((shows or "").split())[:SHOWS_LENGTH]
        if not files:
            raise UserError(self.env._("Please choose the files to add."))
        if not shows:
            raise UserError(self.env._("Please say in a few words what they show."))
        known = self._customer_evidence_known(files)
        checksum = self.env["ir.attachment"]._compute_checksum
        added = self._intake_attach(
            [
                {**file, "description": shows}
                for file in files
                if (checksum(file["raw"]), file["name"], shows) not in known
            ],
            to_message=True,
        )
        if added:
            author = self.env.user.partner_id if author is None else author
            self.with_context(mail_notify_force_send=False).message_post(
                body=self.env._("New evidence: %(shows)s", shows=shows),
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                attachment_ids=added.ids,
                **self._customer_as_author(author),
            )
        return added

    def _customer_evidence_known(self, files):
        """Content, name and description of files that the case has already."""
        attachments = self.env["ir.attachment"]
        # sudo: to compare; nothing of it is shown.
        present = attachments.sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                (
                    "checksum",
                    "in",
                    [attachments._compute_checksum(file["raw"]) for file in files],
                ),
            ]
        )
        return {(file.checksum, file.name, file.description) for file in present}

    @api.constrains("order_id")
    def _check_allegations_of_order(self):
        """What is complained of hangs on lines of the order (A2, T11)."""
        for case in self:
            # sudo: handlers need no access to sales to change the order.
            lines = case.sudo().allegation_ids.order_line_id
            if lines.order_id - case.sudo().order_id:
                raise ValidationError(
                    self.env._(
                        "%(complaint)s: its allegations name lines of another order. "
                        "Choose other lines there first, or leave them empty.",
                        complaint=case.display_name,
                    )
                )
