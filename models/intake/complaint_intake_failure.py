import json
import logging
from ast import literal_eval

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, formataddr

from ...tools import mail_reading
from ..complaint_due_mixin import ERROR_LENGTH, RETRY_FIRST
from .mail_gate import Decision, Gate

_logger = logging.getLogger(__name__)

STATES = [
    ("retry", "To retry"),
    ("quarantined", "To decide"),
    ("filed", "Filed"),
    ("solved", "Solved"),
    ("discarded", "Discarded"),
]
#: States in which somebody has to do something.
WAITING = ("retry", "quarantined")
KINDS = [
    ("error", "Could not be processed"),
    ("too_large", "Too large"),
    ("stranger", "Sender is unknown to the complaint"),
    ("forged", "Sender may be forged"),
    ("flood", "Too many mails of one sender"),
    ("no_sender", "Without a clear sender"),
    ("empty", "Without content"),
    ("list", "From a mailing list"),
    ("generated", "Written by a machine"),
    ("auto_reply", "Automatic reply"),
    ("receipt", "Read receipt"),
    ("bounce", "Not delivered"),
    ("delay", "Delivery delayed"),
    ("loop", "From our own address"),
    ("refused", "Turned away"),
]
#: Another transaction was in the way: it is tried again at once.
CONFLICTS = (ConcurrencyError, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY)
#: Characters of the text that are shown.
PREVIEW_LENGTH = 20_000
MEGABYTE = 1024 * 1024


class ComplaintIntakeFailure(models.Model):
    """A mail that did not become a complaint, nor part of one, with the mail itself.

    Nothing that comes in is lost (A1): what cannot be processed is tried again, what
    may not pass by itself waits for a person, what needs nobody is filed.
    """

    _name = "complaint.intake.failure"
    # Of mail.thread for its to-dos only: they want to make people followers.
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "complaint.due.mixin",
        "complaint.kept.mixin",
    ]
    _description = "Held Mail"
    _order = "id desc"
    _rec_name = "subject"

    subject = fields.Char(readonly=True, index="trigram")
    email_from = fields.Char(string="Mail from", readonly=True)
    email_normalized = fields.Char(readonly=True, index="btree_not_null")
    email_to = fields.Char(string="Recipients", readonly=True)
    text = fields.Text(
        readonly=True, help="What the mail says, as far as it is readable."
    )
    file_count = fields.Integer(string="Files", readonly=True)
    size = fields.Integer(string="Bytes", readonly=True)
    size_text = fields.Char(string="Size", compute="_compute_size_text")
    message_id = fields.Char(string="Message-Id", readonly=True)
    mail_file = fields.Binary(
        string="Mail as it came",
        attachment=True,
        readonly=True,
        groups="complaint_management.group_manager",
    )
    mail_name = fields.Char(
        compute="_compute_mail_name", groups="complaint_management.group_manager"
    )
    mail_key = fields.Char(
        readonly=True, index="btree_not_null", groups=fields.NO_ACCESS
    )
    options = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    times = fields.Integer(
        string="Came",
        default=1,
        readonly=True,
        help="How many times the same mail came in.",
    )

    kind = fields.Selection(
        selection=KINDS, string="Why", required=True, readonly=True, index=True
    )
    reason = fields.Text(compute="_compute_reason")
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default="retry", index=True
    )
    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The complaint that the mail refers to, or that it was added to.",
    )
    team_id = fields.Many2one(
        comodel_name="complaint.team",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    decided_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Decided by",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    decided_at = fields.Datetime(string="Decided", readonly=True)
    decision_reason = fields.Text(string="Why discarded", readonly=True)

    def _compute_size_text(self):
        for mail in self:
            mail.size_text = (
                self.env._("%(number).1f MB", number=mail.size / MEGABYTE)
                if mail.size >= MEGABYTE
                else self.env._("%(number)d kB", number=-(-mail.size // 1024))
            )

    def _compute_mail_name(self):
        for mail in self:
            mail.mail_name = f"mail-{mail.id}.eml"

    @api.depends("subject", "email_from")
    def _compute_display_name(self):
        for mail in self:
            mail.display_name = mail.subject or self.env._("Mail without subject")

    @api.depends("kind", "state", "event_error")
    def _compute_reason(self):
        reasons = self._reasons()
        for mail in self:
            mail.reason = reasons.get(mail.kind, "")

    @api.model
    def _reasons(self):
        """Why a mail is here, in words, by kind."""
        return {
            "error": self.env._(
                "The mail could not be processed. Managers see the error below."
            ),
            "too_large": self.env._(
                "The mail is larger than the settings allow. A person may take it all "
                "the same."
            ),
            "stranger": self.env._(
                "The mail answers to a complaint, but its sender is neither the "
                "complainant, nor a follower, nor somebody we wrote to about it. "
                "Message numbers become known when mails are forwarded: make sure that "
                "the sender has to do with the complaint."
            ),
            "forged": self.env._(
                "The mail server found that the mail does not come from the sender's "
                "domain. Ask the customer before you believe it."
            ),
            "flood": self.env._(
                "The sender wrote more mails within the hour than a person does."
            ),
            "no_sender": self.env._(
                "The mail names no sender, or several: nobody can be answered."
            ),
            "empty": self.env._("The mail has no subject, no text and no file."),
            "list": self.env._(
                "The mail came through a mailing list. If complaints come in through "
                "it, an administrator can allow the list or the sender in the list of "
                "allowed mail senders."
            ),
            "generated": self.env._(
                "The mail was written by a machine, such as the form of a shop. If it "
                "brings complaints, an administrator can allow the sender in the list "
                "of allowed mail senders."
            ),
            "auto_reply": self.env._(
                "An automatic reply that belongs to no complaint. Nobody has to do "
                "anything."
            ),
            "receipt": self.env._(
                "A note that a mail was read. Nobody has to do anything."
            ),
            "bounce": self.env._(
                "A report that a mail could not be delivered. It is not known which "
                "complaint it was about."
            ),
            "delay": self.env._(
                "A report that a mail arrives late. Nobody has to do anything."
            ),
            "loop": self.env._(
                "The mail bears one of our own addresses as sender: it goes in a "
                "circle, or the sender is forged."
            ),
            "refused": self.env._(
                "The team's address does not take mail from this sender; the mail "
                "gateway turned it away. See the address in the settings of the team."
            ),
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_waiting(self):
        if self.filtered(lambda mail: mail.state in WAITING):
            raise UserError(
                self.env._("Decide about the mail first: it is not dealt with yet.")
            )

    # What comes in ------------------------------------------------------------------

    @api.model
    def _gate(self, raw, options, decision=None):
        """The gate of a mail that concerns complaints; None for any other.

        It came to a team's address, answers to a complaint, or comes from a mailbox
        that is there for complaints.
        """
        gate = Gate(raw, options, decision)
        aliases = self._aliases(gate.sketch.recipients)
        ours = aliases.filtered(lambda alias: alias.alias_model_id.model == CASE)
        gate.referred = self._referred(gate)
        gate.team = self._team_of(ours)
        is_reply = gate.referred and (ours or not aliases)
        if ours or is_reply or options.get("model") == CASE:
            return gate
        return None

    @api.model
    def _aliases(self, addresses):
        names = [address.partition("@")[0] for address in addresses]
        # sudo: the gateway's user need not see aliases.
        return (
            self.env["mail.alias"]
            .sudo()
            .search(
                [
                    "|",
                    ("alias_full_name", "in", addresses),
                    "&",
                    ("alias_name", "in", names),
                    ("alias_incoming_local", "=", True),
                ]
            )
        )

    @api.model
    def _team_of(self, aliases):
        # sudo: the gateway's user need not see teams.
        teams = self.env["complaint.team"].sudo()
        ids = [literal_eval(alias.alias_defaults).get("team_id") for alias in aliases]
        return teams.search([("id", "in", ids)], limit=1) if any(ids) else teams

    @api.model
    def _referred(self, gate):
        """The complaint that a mail answers to."""
        ids = gate.sketch.references
        if gate.sketch.kind in (mail_reading.BOUNCE, mail_reading.RECEIPT):
            ids += mail_reading.quoted_ids(gate.raw)
        # sudo: whom the mail may reach is decided later.
        cases = self.env[CASE].sudo()
        if not ids:
            return cases
        message = (
            self.env["mail.message"]
            .sudo()
            .search([("message_id", "in", ids)], order="id desc", limit=1)
        )
        return cases.browse(message.res_id if message.model == CASE else ()).exists()

    @api.model
    def _receive(self, gate):
        """Take in a mail: into a complaint, or onto record here.

        :return: as ``message_process``: id of what it was added to, or False
        :raise Exception: only what other models raise about a mail of theirs
        """
        self._wait_for_copies(gate)
        if self._is_copy(gate):
            _logger.info("Mail %s came again", gate.sketch.message_id)
            return False
        try:
            self._judge(gate)
            result = not gate.held and self._process(gate)
        except Exception as error:
            if gate.is_foreign:
                raise
            self._keep_error(gate, error)
            return False
        if gate.held:
            self._keep(gate)
        return result

    @api.model
    def _wait_for_copies(self, gate):
        """Of two copies that come at once, the second one waits for the first."""
        for key in filter(None, [gate.key, gate.fingerprint]):
            number = int.from_bytes(bytes.fromhex(key[:16]), signed=True)
            self.env.execute_query(SQL("SELECT pg_advisory_xact_lock(%s)", number))

    @api.model
    def _is_copy(self, gate):
        """Whether the mail is in a complaint or on record here already."""
        copy = self._find_copy(gate)
        if copy:
            copy.times += 1
        if copy is not None:
            return True
        # What was committed while this transaction waited is seen by a new one only.
        with self.env.registry.cursor() as cr:
            return self.with_env(self.env(cr=cr))._find_copy(gate) is not None

    @api.model
    def _find_copy(self, gate):
        """The record here of the same mail; empty if it is in a thread; else None."""
        message_id = gate.sketch.message_id
        # sudo: what is there does not depend on who hands the mail over.
        mails, messages = self.sudo(), self.env["mail.message"].sudo()
        if message_id and messages.search_count(
            [("message_id", "=", message_id)], limit=1
        ):
            return mails
        domain = [("mail_key", "=", gate.key)]
        if not message_id:
            yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
            domain.append(("create_date", ">=", yesterday))
        return mails.search(domain, limit=1) or None

    # Whether it may pass --------------------------------------------------------------

    @api.model
    def _judge(self, gate):
        """Decide about mail that is too large, our own, or written by a machine.

        What is left to Odoo's router is judged there, see ``_mail_routes``. Machines
        never come to the places where Odoo answers a sender.
        """
        limit = (gate.team.company_id or self.env.company).complaint_mail_limit_mb
        if limit and len(gate.raw) > limit * MEGABYTE:
            gate.hold("too_large", case=gate.referred)
        elif self._is_own(gate.sketch):
            gate.hold("loop", "filed", gate.referred)
        elif gate.sketch.kind not in ("", mail_reading.LIST):
            self._judge_robot(gate)

    @api.model
    def _judge_robot(self, gate):
        sketch, case = gate.sketch, gate.referred
        kind = sketch.kind
        if kind == mail_reading.BOUNCE and mail_reading.is_delay(gate.raw):
            kind = mail_reading.DELAY
        elif kind == mail_reading.BOUNCE:
            return  # Odoo marks the mail as not delivered and tells the complaint
        elif kind == mail_reading.GENERATED and case._mail_is_trusted(sketch):
            return
        # Reports are written by mail servers, for somebody who belongs.
        belongs = case and (
            kind == mail_reading.DELAY
            or (sketch.sender and case._mail_belongs(sketch.sender))
        )
        if belongs and not case._mail_is_flood(sketch):
            gate.decision = Decision(case=case._merge_target(), is_note=True)
        elif kind in mail_reading.REPLIES_OF_MACHINES:
            doubtful = sketch.is_guess and not case
            gate.hold(kind, "quarantined" if doubtful else "filed", case)
        else:
            gate.hold("stranger" if case else kind, case=case)

    @api.model
    def _is_own(self, sketch):
        """Whether the mail comes from one of our own addresses, or passed it before."""
        addresses = [*sketch.senders, *sketch.loops]
        if not addresses:
            return False
        # sudo: the gateway's user need not see the company's mail addresses.
        domains = self.env["mail.alias.domain"].sudo().search([], limit=1000)
        own = {
            address
            for domain in domains
            for address in (
                domain.bounce_email,
                domain.catchall_email,
                domain.default_from_email,
            )
        }
        return bool(own.intersection(addresses) or self._full_aliases(addresses))

    @api.model
    def _full_aliases(self, addresses):
        # sudo: as above.
        return (
            self.env["mail.alias"]
            .sudo()
            .search_count([("alias_full_name", "in", addresses)], limit=1)
        )

    # Processing -------------------------------------------------------------------

    @api.model
    def _process(self, gate):
        """Have Odoo process a mail, and if it cannot read it, a mended copy of it.

        Nothing of an attempt that fails is left.

        :raise Exception: what was wrong at the first attempt
        """
        context = {Gate.KEY: gate, "mail_notify_force_send": False}
        # sudo: Odoo notes on the alias that it works, which only administrators may.
        # A gateway that is no administrator is enough for complaints.
        thread = self.env["mail.thread"].sudo().with_context(**context)
        first_error = None
        versions = [lambda raw: raw, mail_reading.mend]
        if gate.body.is_wild:
            del versions[0]
        for version in versions:
            gate.reset()
            try:
                with self.env.cr.savepoint():
                    result = thread.message_process(
                        message=version(gate.raw), **gate.options
                    )
                    if gate.decision and not gate.decision.by_staff:
                        gate.case._mail_receive_robot(gate)
                if not (gate.case or gate.held or gate.is_foreign):
                    gate.hold("refused", "filed", gate.referred)
                return result
            except (UserError, OperationalError, ConcurrencyError):
                raise
            except Exception as error:
                if gate.is_foreign:
                    raise
                first_error = first_error or error
                _logger.info("Mail %s: %r", gate.sketch.message_id, error)
        raise first_error

    # Keeping ------------------------------------------------------------------------

    @api.model
    def _keep(self, gate):
        """Put a mail on record that does not pass by itself."""
        kind, state, case = gate.held
        mail = self._record(gate, case, kind=kind, state=state)
        mail._alert()
        return mail

    @api.model
    def _keep_error(self, gate, error):
        """Put a mail on record that could not be processed; it is tried again."""
        is_conflict = isinstance(error, CONFLICTS)
        if not is_conflict:
            _logger.warning(
                "Mail %s could not be processed, it is kept",
                gate.sketch.message_id,
                exc_info=error,
            )
        now = fields.Datetime.now()
        mail = self._record(
            gate,
            gate.referred,
            kind="error",
            state="retry",
            event_failures=int(not is_conflict),
            event_error=False if is_conflict else _words(error),
            next_event_at=now if is_conflict else now + RETRY_FIRST,
        )
        self.env.ref("complaint_management.ir_cron_intake_failure")._trigger(
            at=mail.next_event_at
        )
        if not is_conflict:
            mail._alert()
        return mail

    @api.model
    def _record(self, gate, case, **values):
        sketch = gate.sketch
        # The text of what is too large stays unread.
        body = mail_reading.Body() if values["kind"] == "too_large" else gate.body
        sender = next(iter(sketch.senders), "")
        case = case or self.env[CASE]
        team = case.team_id or gate.team
        # sudo: held mail is written by the system only.
        quietly = {"mail_create_nolog": True, "mail_create_nosubscribe": True}
        mail = (
            self.sudo()
            .with_context(**quietly)
            .create(
                {
                    "subject": sketch.subject[:500] or False,
                    "email_from": sender and formataddr((sketch.sender_name, sender)),
                    "email_normalized": sender or False,
                    "email_to": ", ".join(sketch.recipients)[:500],
                    "text": body.text[:PREVIEW_LENGTH],
                    "file_count": len(body.files),
                    "size": len(gate.raw),
                    "message_id": sketch.message_id[:998] or False,
                    "mail_key": gate.key,
                    # Values of whatever kind: they are but a fallback.
                    "options": json.loads(json.dumps(gate.options, default=str)),
                    "case_id": case.id,
                    "team_id": team.id,
                    "company_id": (
                        case.company_id or team.company_id or self.env.company
                    ).id,
                    **values,
                }
            )
        )
        mail._attach(gate.raw)
        return mail

    def _attach(self, raw):
        """Keep the mail as it came, in the field that only managers read.

        Not through the field: it would guess the type, and index the text of a mail
        of many megabytes.
        """
        # sudo: as above.
        self.env["ir.attachment"].sudo().create(
            {
                "name": self.sudo().mail_name,
                "res_model": self._name,
                "res_id": self.id,
                "res_field": "mail_file",
                "mimetype": "message/rfc822",
                "raw": raw,
            }
        )
        self.invalidate_recordset(["mail_file"])


#: The model of complaints.
CASE = "complaint.case"


def _words(error):
    """What an error says, short enough to be shown."""
    return mail_reading.clean(str(error) or repr(error))[:ERROR_LENGTH]
