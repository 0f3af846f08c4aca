from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError
from odoo.tools import formataddr, human_size, plaintext2html

#: The latest messages are shown; more are no help on a phone.
MESSAGES_SHOWN = 200


class ComplaintCase(models.Model):
    """The page that number and code open, without an account (I1).

    It is the page of the portal without what belongs to a contact: whoever holds the
    code need not be the customer to whom the complaint is linked (see ``intake/``).
    For anonymous complainants it is the only way to hear from us and to be heard.
    """

    _inherit = "complaint.case"

    # What is shown --------------------------------------------------------------------

    def _tracker_is_customer(self):
        """Whether who holds the code may see what belongs to the contact."""
        self.ensure_one()
        if not self.is_guest or self.guest_identity == "confirmed":
            return True
        if self.guest_identity == "denied":
            return False
        partner = self.partner_id
        # A contact that came into being with the complaint has nothing to protect.
        return not partner or (
            partner.create_date >= self.create_date and not partner.user_ids
        )

    def _tracker_page(self):
        """Everything that the tracking page prints; see :meth:`_portal_page`."""
        page = self._portal_page(links=False)
        if not self._tracker_is_customer():
            page["facts"] = self._tracker_facts()
        elif self.is_guest:
            page["facts"] += self._tracker_stated_facts()
        return page | {
            "url": f"/complaints/track/{self.id}",
            "files": self._tracker_files(),
            "evidence": self._portal_evidence() if self._tracker_is_customer() else [],
            "messages": self._tracker_messages(),
            "can_print": self._tracker_is_customer(),
            "can_withdraw": self._customer_may_withdraw(),
            "asks_identity": False,
        }

    def _tracker_facts(self):
        """The facts as the guest stated them, nothing that is linked to them."""
        facts = [
            (self.env._("Received on"), self._portal_when(self.date_received)),
            (
                self.env._("Happened on"),
                self.date_occurred and self._portal_date(self.date_occurred),
            ),
            (self.env._("Order"), self.guest_order_number),
            (self.env._("Topic"), self.category_id.complete_name),
            (self.env._("Submitted by"), self.guest_name),
            (self.env._("On behalf of"), self.behalf_name),
            (self.env._("Looked after by"), self.user_id.name),
        ]
        return self._tracker_told(facts)

    def _tracker_stated_facts(self):
        """What the sender stated and the portal's page does not show."""
        number = self.guest_order_number if not self.order_id else ""
        return self._tracker_told(
            [
                (self.env._("Order"), number),
                (self.env._("On behalf of"), self.behalf_name),
            ]
        )

    def _tracker_told(self, facts):
        return [
            {"label": label, "value": value, "url": ""}
            for label, value in facts
            if value
        ]

    def _tracker_files(self):
        """Files of the complainant; those of the contact only for the contact."""
        if self._tracker_is_customer():
            return self._portal_files()
        public = self.env.ref("base.public_user")
        # The contact, too, may have come without logging in, by the link in a mail.
        by_contact = (
            self.env["mail.message"]
            .search(
                [
                    ("model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("author_id", "!=", False),
                    ("attachment_ids", "!=", False),
                ]
            )
            .attachment_ids
        )
        return self._portal_files(
            lambda file: file.create_uid == public and file not in by_contact
        )

    def _tracker_messages(self):
        """The dialogue, oldest first, in plain values."""
        messages = self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "in", ("comment", "email", "email_outgoing")),
                ("subtype_id.internal", "=", False),
                ("subtype_id", "!=", False),
                ("is_internal", "=", False),
            ],
            order="id desc",
            limit=MESSAGES_SHOWN,
        )
        shows_all = self._tracker_is_customer()
        return [
            {
                "is_own": not self._tracker_is_from_company(message),
                "who": self._tracker_who(message),
                "when": self._portal_when(message.date),
                "body": message.body,
                "files": [
                    # sudo: files of messages that the customer may read.
                    self._tracker_file(file)
                    for file in message.attachment_ids.sudo()
                ],
            }
            for message in reversed(messages)
            if shows_all or self._tracker_is_for_guest(message)
        ]

    def _tracker_file(self, file):
        return {
            "name": file.name,
            "size": human_size(file.file_size),
            "url": f"/web/content/{file.id}?download=true"
            f"&access_token={file._get_raw_access_token()}",
        }

    def _tracker_is_from_company(self, message):
        author = message.author_id
        return bool(author) and (
            not author.partner_share or author == self.company_id.partner_id
        )

    def _tracker_is_for_guest(self, message):
        """Messages of the page itself, and what staff wrote.

        Not those of the contact, nor our mails from templates, which call the contact
        by name.
        """
        if not message.author_id:
            return message.message_type == "comment"
        return self._tracker_is_from_company(message) and (
            message.email_layout_xmlid != "complaint_management.mail_layout_customer"
        )

    def _tracker_who(self, message):
        if self._tracker_is_from_company(message):
            return message.author_id.name
        return self.env._("You")

    def _portal_page(self, links=True, is_complainant=False):
        page = super()._portal_page(links=links, is_complainant=is_complainant)
        # Who reached the page through the account or the mail owns the address.
        page["asks_identity"] = (
            self.is_guest
            and self.guest_identity == "unconfirmed"
            and bool(self.partner_id)
        )
        return page

    # What is done ---------------------------------------------------------------------

    def _tracker_say(self, text, key, files=()):
        """A message of the complainant on the tracking page.

        The same sent twice - a double click, a page loaded anew - is one message.

        :param str text: plain text
        :param str key: of the form that was sent; another for each page shown
        :param list[dict] files: name and raw content, checked
        :raise UserError: when there is nothing to say
        """
        self.ensure_one()
        text = (text or "").strip()
        if not text and not files:
            raise UserError(self.env._("Please write something or choose a file."))
        message_id = self._tracker_message_id(key, text, files)
        # Written first: of two at the same time the second fails here, is run again
        # and then finds the message of the first.
        self.last_dialogue_at = fields.Datetime.now()
        self.flush_recordset()
        if self.env["mail.message"].search_count([("message_id", "=", message_id)]):
            return
        attachments = self._intake_attach(files)
        # The superuser speaks for somebody who has no account at all.
        self.with_user(SUPERUSER_ID).with_context(
            mail_notify_force_send=False
        ).message_post(
            body=plaintext2html(text) if text else "",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachment_ids=attachments.ids,
            message_id=message_id,
            **self._customer_as_author(self.env["res.partner"]),
        )

    def _tracker_message_id(self, key, text, files):
        told = self._request_key(
            "tracker", self.id, key, text, [file["name"] for file in files]
        )
        return f"<{told[:32]}-openerp-{self.id}-complaint.case@tracker>"

    def _customer_as_author(self, author):
        """Who is no contact speaks under the stated name, marked as a complainant.

        The name is the sender's own and could be that of anybody on our staff.
        """
        if author:
            return super()._customer_as_author(author)
        case = self.with_context(lang=self.company_id.partner_id.lang)
        name = (
            case.env._("%(name)s (complainant)", name=self.guest_name)
            if self.guest_name
            else case.env._("Anonymous complainant")
        )
        address = (
            self.guest_email
            or self.company_id.email
            or self.company_id.default_from_email
            or "noreply@localhost"
        )
        return {"author_id": False, "email_from": formataddr((name, address))}
