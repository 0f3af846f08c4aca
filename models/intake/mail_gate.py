import functools
import hashlib

from ...tools import mail_reading

#: Bytes up to which two mails are compared by what they say; above, by Message-Id.
COMPARED_BYTES = 2 * 1024 * 1024


class Decision:
    """Where a mail goes, when that is known before Odoo looks for a route."""

    def __init__(self, case=None, team=None, is_note=False, by_staff=False):
        """
        :param case: the complaint it is added to; None opens a new one
        :param team: of a new complaint
        :param is_note: added as a note that the customer does not see
        :param by_staff: somebody decided it: no further doubts
        """
        self.case = case
        self.team = team
        self.is_note = is_note
        self.by_staff = by_staff


class Gate:
    """One mail on its way in: what is known of it, and what becomes of it.

    It travels in the context from ``message_process`` to the methods that Odoo calls
    on the way. A context of a remote call cannot hold one.
    """

    KEY = "complaint_mail_gate"

    def __init__(self, raw, options, decision=None):
        """
        :param bytes raw: the mail as it came
        :param dict options: the other arguments of ``message_process``
        """
        self.raw = raw
        self.options = options
        self.decision = decision
        self.sketch = mail_reading.read_headers(raw)
        #: The team's address that it came to, and the complaint it refers to.
        self.team = None
        self.referred = None
        self.reset()

    def reset(self):
        """Forget what an attempt that failed has found."""
        #: The complaint that it opened or was added to.
        self.case = None
        #: Why it is kept for a person to look at: (kind, state, complaint or None).
        self.held = None
        #: Whether it is the affair of other models only.
        self.is_foreign = False

    @classmethod
    def of(cls, env):
        """The gate of the mail that is being processed, if any."""
        gate = env.context.get(cls.KEY)
        return gate if isinstance(gate, cls) else None

    @functools.cached_property
    def body(self):
        """Text and files, read only when needed."""
        return mail_reading.read_body(self.raw)

    @functools.cached_property
    def fingerprint(self):
        """What a copy of the mail has, too; empty where that is not looked at."""
        if len(self.raw) > COMPARED_BYTES:
            return ""
        return mail_reading.fingerprint(self.sketch, self.body)

    @property
    def key(self):
        """By which the same mail that comes again is known."""
        told = self.sketch.message_id or self.fingerprint or self.raw[:COMPARED_BYTES]
        told = told.encode() if isinstance(told, str) else told
        return hashlib.sha256(told).hexdigest()

    @property
    def is_empty(self):
        """Whether it says nothing at all."""
        return not (self.sketch.subject or self.body.text or self.body.files)

    def hold(self, kind, state="quarantined", case=None):
        """Keep it for a person to look at."""
        self.held = (kind, state, case)
