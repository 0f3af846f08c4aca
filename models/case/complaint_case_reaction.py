from datetime import timedelta

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, format_datetime

from ..complaint_case import FUTURE_TOLERANCE_MINUTES
from ..constants import OUTCOMES_WITHOUT_ANSWER

#: What a customer says of an answer.
REACTIONS = [
    ("accepted", "Accepts the answer"),
    ("objected", "Does not accept the answer"),
    ("review", "Asks for a review"),
]
#: Kinds of messages that people write; the others are written by the system.
SAID = ("comment", "email")
REACTION_TO_DO = "complaint_management.mail_activity_type_reaction"


class ComplaintCase(models.Model):
    """The customer's reaction to an answer that came as a message (D4).

    By mail, or on the page of the complaint without pressing a button there. Staff
    read it and record it; what counts is when the customer said it, not when it was
    read: nobody is too late because somebody else was slow.
    """

    _inherit = "complaint.case"

    # Recording --------------------------------------------------------------------

    def action_record_reaction(self, message_id):
        """Open the dialogue that records what a message says of the answer.

        :param int message_id: message of the customer in this complaint
        :raise AccessError: without write access to the complaint
        :raise UserError: see :meth:`_reactions_in`
        """
        self.ensure_one()
        self.check_access("write")
        message = self.env["mail.message"].browse(message_id).exists()
        self._reactions_in(message)
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_reaction_wizard_action"
        )
        return action | {
            "context": {"default_case_id": self.id, "default_message_id": message.id}
        }

    def _reactions_in(self, message):
        """The reactions that can be recorded from a message; at least one.

        :return: names, see ``REACTIONS``
        :raise UserError: when the message is of another complaint or of staff, or
            nothing can be recorded from it, saying why
        """
        self.ensure_one()
        message.check_access("read")
        if not message or (message.model, message.res_id) != (self._name, self.id):
            raise UserError(
                self.env._("The message is not one of this complaint. Reload the page.")
            )
        if not self._is_said_from_outside(message):
            raise UserError(
                self.env._(
                    "Only what the customer wrote is a reaction to the answer. This "
                    "message was written by staff or by the system."
                )
            )
        at = self._said_at(message)
        possible = self._reactions_possible(at)
        if not possible:
            raise UserError(self._reaction_problem(at))
        return possible

    def _record_reaction(self, reaction, words, message):
        """Do what the customer would have done on the page of the complaint.

        :param str reaction: one of :meth:`_reactions_in`
        :param str words: plain text, the customer's; not posted again
        :param message: the customer's message, checked
        :raise UserError: as the methods that the page of the complaint calls
        """
        self.ensure_one()
        # sudo: who wrote a message that the user may read.
        author = self.env["res.partner"].browse(message.sudo().author_id.id)
        said = {"author": author, "at": self._said_at(message), "message": message}
        if reaction == "review":
            channel = "mail" if message.message_type == "email" else "portal"
            self._ask_review(words, channel, **said)
        elif reaction == "objected":
            self._customer_object(words, **said)
        else:
            self._customer_accept(**said)

    # When it was said -----------------------------------------------------------------

    def _said_at(self, message):
        """When somebody said what is in a message.

        The date of a mail is its sender's: one from the future counts as said when it
        came, but for the little by which clocks differ.

        :return: naive UTC, not after now
        """
        latest = message.create_date + timedelta(minutes=FUTURE_TOLERANCE_MINUTES)
        return min(message.date or latest, latest, fields.Datetime.now())

    def _reaction_moment(self, at=None):
        """The moment that counts for a reaction.

        :param datetime at: when the customer said it, naive UTC; now by default
        :return: naive UTC, not after now
        :raise UserError: for a moment before the answer was given
        """
        now = fields.Datetime.now()
        if at and self.answered_at and at < self.answered_at:
            raise UserError(self._reaction_problem(at))
        return min(at or now, now)

    # What is possible -----------------------------------------------------------------

    def _reactions_possible(self, at):
        """What a customer who spoke at a moment may still have recorded.

        :param datetime at: naive UTC
        :return: names, see ``REACTIONS``; empty before there is an answer
        """
        self.ensure_one()
        if not self.answered_at or at < self.answered_at:
            return []
        possible = ["accepted", "objected"] if self._awaits_customer(at) else []
        return possible if self._review_obstacle(at) else [*possible, "review"]

    def _awaits_customer(self, at=None):
        """Whether the answer waits, or waited at a moment, for the customer's word.

        :param datetime at: naive UTC; now by default. Who spoke before the complaint
            was closed, for silence or by staff, was in time; but not who accepted or
            took the complaint back since: the later word counts.
        """
        self.ensure_one()
        if self.phase == "answered":
            return True
        return bool(
            at
            and self.phase == "closed"
            and self.outcome not in OUTCOMES_WITHOUT_ANSWER
            and self.customer_verdict != "accepted"
            and self.answered_at
            and self.closed_at
            and self.answered_at <= at < self.closed_at
        )

    def _reaction_problem(self, at):
        """Why nothing can be recorded that was said at a moment, in words for staff."""
        if self.phase not in ("answered", "closed") or not self.answered_at:
            return self.env._(
                "There is no answer yet that the customer could react to. Answer the "
                "complaint first."
            )
        if at < self.answered_at:
            return self.env._(
                "The message of %(said)s is from before the answer, which was given on "
                "%(answered)s: it is no reaction to it.",
                said=format_datetime(self.env, at),
                answered=format_datetime(self.env, self.answered_at),
            )
        return self.env._(
            "Nothing can be recorded from this message any more. %(review)s If the "
            "complaint has to be looked at again, reopen it.",
            review=self._review_hint(at),
        )

    # Who said it ----------------------------------------------------------------------

    def _is_said_from_outside(self, message):
        """Whether a person wrote a message who is not on the company's side."""
        # sudo: who wrote a message that the user may read.
        author = message.sudo().author_id
        is_ours = author and (
            not author.partner_share or author == self.company_id.partner_id
        )
        return message.message_type in SAID and not is_ours

    def _is_said_by_customer(self, message):
        """Whether a message is of the complainant's side, and of nobody else who was
        written to about the complaint; called as the system."""
        if not self._is_said_from_outside(message):
            return False
        # sudo: contacts are closed to the customer who writes.
        author, customer = message.sudo().author_id, self.commercial_partner_id
        if customer and author.commercial_partner_id == customer:
            return True
        if not author and message.message_type == "comment":
            return True  # the page that number and code open
        address = email_normalize(message.email_from)
        return bool(address) and (
            address in self._mail_own_addresses() or self._mail_was_let_in(address)
        )

    # The handler is told --------------------------------------------------------------

    def _alert_reaction(self, message):
        """Ask the handler to record what the customer said; one to-do for all messages
        that wait for it. Called as the system.

        :return: whether there is such a to-do, or none is needed
        """
        self.ensure_one()
        if self.env.context.get("complaint_reacting"):
            return True  # it is being recorded: the customer pressed the button
        if not (
            self._is_said_by_customer(message)
            and self._reactions_possible(self._said_at(message))
        ):
            return False
        if not self.activity_search([REACTION_TO_DO]):
            self._alert_handler(
                self.env._("The customer reacted to the answer: record it."),
                note=self.env._(
                    "Read the message. If the customer accepts the answer, objects or "
                    "asks for a review, choose “Record as Reaction” beside it: what "
                    "counts is the day on which the customer wrote."
                ),
                to_do=REACTION_TO_DO,
            )
        return True

    def _end_reaction_to_do(self):
        # sudo: to-dos of others.
        self.sudo().activity_unlink([REACTION_TO_DO])

    # On record ------------------------------------------------------------------------

    def _log_reaction(self, words, author, message=None):
        """Note what the customer said: in the customer's name, or in the name of the
        colleague who recorded it from a message."""
        if message:
            self._message_log(
                body=self.env._(
                    "%(what)s Recorded from: %(message)s",
                    what=words,
                    message=self._message_link(message),
                )
            )
        else:
            self._message_log(body=words, **self._customer_as_author(author))

    def _message_link(self, message):
        """A link that leads to a message, saying whose it is."""
        words = self.env._(
            "Message of %(author)s, %(date)s UTC",
            # sudo: who wrote a message that the user may read.
            author=message.sudo().author_id.name or message.email_from or "",
            date=fields.Datetime.to_string(self._said_at(message)),
        )
        return Markup(
            '<a href="/mail/message/%(id)s" class="o_message_redirect" '
            'data-oe-model="mail.message" data-oe-id="%(id)s">%(words)s</a>'
        ) % {"id": message.id, "words": words}
