from email.utils import make_msgid

from .common import ComplaintCommon

#: Logger of what is kept because it could not be processed.
FAILURE_LOGGER = (
    "odoo.addons.complaint_management.models.intake.complaint_intake_failure"
)


class MailCommon(ComplaintCommon):
    """A team with a mail address, and mail that comes in as from Odoo's gateway."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domains = cls.env["mail.alias.domain"]
        domain = domains.search([], limit=1) or domains.create({"name": "example.com"})
        cls.company.alias_domain_id = domain
        (cls.team | cls.other_team).alias_domain_id = domain
        cls.team.alias_name = "retail"
        cls.other_team.alias_name = "online"
        cls.address = f"retail@{domain.name}"
        cls.other_address = f"online@{domain.name}"
        cls.held = cls.env["complaint.intake.failure"]

    @classmethod
    def mail(cls, subject="The kettle leaks", body="It leaks since Monday.", **headers):
        """A mail as bytes; headers by name, with underscores; None leaves one out."""
        values = {
            "From": "Ann <ann@acme.example.com>",
            "To": cls.address,
            "Subject": subject,
            "Message-ID": make_msgid(domain="mail.example.com"),
            "Content-Type": "text/plain; charset=utf-8",
        }
        values |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{name}: {value}" for name, value in values.items() if value]
        return ("\n".join(lines) + f"\n\n{body}\n").encode()

    @classmethod
    def reply(cls, message, body="The blue one, please, as I said.", **headers):
        """An answer to a message of a complaint."""
        return cls.mail(
            "Re: your complaint",
            body,
            **{"In_Reply_To": message.message_id, **headers},
        )

    def receive(self, raw):
        """Hand a mail over as the gateway does.

        :return: (new complaints, new held mails)
        """
        cases, held = self.env["complaint.case"], self.held
        last_case = cases.search([], order="id desc", limit=1).id or 0
        last_held = held.search([], order="id desc", limit=1).id or 0
        self.result = self.env["mail.thread"].message_process(False, raw)
        return (
            cases.search([("id", ">", last_case)]),
            held.search([("id", ">", last_held)]),
        )

    def receive_case(self, raw):
        """Hand a mail over that opens a complaint."""
        cases, held = self.receive(raw)
        self.assertEqual((len(cases), held.mapped("kind")), (1, []))
        return cases

    def receive_held(self, raw, kind, state="quarantined"):
        """Hand a mail over that is held."""
        cases, held = self.receive(raw)
        self.assertEqual(
            (len(cases), held.mapped("kind"), held.mapped("state")),
            (0, [kind], [state]),
        )
        self.assertEqual(held._raw(), raw)
        return held

    def question(self, case):
        """The handler writes to the customer."""
        return case.with_user(self.handler).message_post(
            body="Which one?",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=case.partner_id.ids,
        )

    def mails_sent(self):
        """Mails in the queue that were not there at the last call."""
        mails = self.env["mail.mail"].search([("state", "=", "outgoing")])
        seen = getattr(self, "_mails_seen", mails.browse())
        self._mails_seen = mails
        return mails - seen
