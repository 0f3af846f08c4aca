import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, formataddr, plaintext2html
from odoo.tools.misc import get_lang

IDENTITIES = [
    ("unconfirmed", "Not confirmed"),
    ("confirmed", "Confirmed"),
    ("denied", "Denied by the owner of the address"),
]
#: Fewer digits say too little about whose telephone it is.
PHONE_DIGITS = 7


class ComplaintCase(models.Model):
    """Complaints of people without an account (A1-A3).

    Anybody can type anybody's address into a public form. What was typed is kept as
    *stated*. A contact with the stated address becomes the complainant, so that the
    real customer sees the complaint in the portal and gets our mail; but whoever sent
    the form gets no nearer to that customer: the tracking page (``portal/``) shows
    this complaint only, with the stated data instead of the contact's, and what the
    customer writes stays hidden there until the owner of the address, or staff,
    confirm that both are one person.
    """

    _inherit = "complaint.case"

    is_guest = fields.Boolean(
        string="Sent without an account",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    is_anonymous = fields.Boolean(
        string="Anonymous", readonly=True, copy=False, groups="base.group_user"
    )
    guest_name = fields.Char(
        string="Stated name", readonly=True, copy=False, groups="base.group_user"
    )
    guest_email = fields.Char(
        string="Stated e-mail", readonly=True, copy=False, groups="base.group_user"
    )
    guest_phone = fields.Char(
        string="Stated phone", readonly=True, copy=False, groups="base.group_user"
    )
    guest_order_number = fields.Char(
        string="Stated order",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The number as the complainant wrote it. It says nothing about whose "
        "order it is.",
    )
    guest_lang = fields.Char(
        string="Language of the form",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    guest_identity = fields.Selection(
        selection=IDENTITIES,
        string="Identity",
        readonly=True,
        copy=False,
        tracking=True,
        groups="base.group_user",
    )
    consent_id = fields.Many2one(
        comodel_name="complaint.consent",
        string="Accepted text",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    consent_at = fields.Datetime(
        string="Accepted on", readonly=True, copy=False, groups="base.group_user"
    )

    # Intake ---------------------------------------------------------------------------

    @api.model
    def _intake_guest(self, vals, request_key, files=(), authority=()):
        """Register what somebody without an account sent (A1-A3, A6).

        :param dict vals: values of the case, the stated ones among them
        :param str request_key: of :meth:`_request_key`
        :param list[dict] files: name and raw content, checked
        :param list[dict] authority: as ``files``; proof of who speaks for somebody
        :return: (case, whether it is new)
        """
        stated = {
            "is_guest": True,
            "guest_identity": False if vals.get("is_anonymous") else "unconfirmed",
            "guest_lang": self.env.lang,
            # Before the confirmation, which brings the code.
            "tracking_salt": self._tracking_new_salt(),
        }
        case, is_new = self._intake_once(
            {**vals, **stated}, "website", request_key, files
        )
        if is_new and authority:
            case.behalf_attachment_ids = case._intake_attach(authority)
        return case, is_new

    @api.model
    def _intake_partners(self, vals_list):
        guests = [vals for vals in vals_list if vals.get("is_guest")]
        if guests:
            self._intake_guest_partners(guests)
        return super()._intake_partners(vals_list)

    @api.model
    def _intake_guest_partners(self, vals_list):
        """Find the contact and the order of guests, always with the same queries.

        The form answers alike whether the order exists, belongs to the sender or not.
        """
        contacts = self._guest_order_contacts(vals_list)
        for vals in vals_list:
            for order, partner in contacts.get(vals["company_id"], []):
                if self._guest_is_order(vals, order, partner):
                    vals.update(order_id=order.id, partner_id=partner.id)
                    break
        for company in self.env["res.company"].browse(
            {vals["company_id"] for vals in vals_list}
        ):
            own = [vals for vals in vals_list if vals["company_id"] == company.id]
            self._guest_partners_by_email(own, company)

    @api.model
    def _guest_order_contacts(self, vals_list):
        """{company id: (order, contact of its customer)} for all stated numbers."""
        numbers = {
            spelling
            for vals in vals_list
            for spelling in self._guest_order_spellings(vals.get("guest_order_number"))
        }
        orders = self.env["sale.order"].search(
            [
                ("name", "in", list(numbers)),
                ("company_id", "in", [vals["company_id"] for vals in vals_list]),
                ("state", "=", "sale"),
            ]
        )
        customers = orders.partner_id.commercial_partner_id
        contacts = self.env["res.partner"].search(
            [("commercial_partner_id", "in", customers.ids or [0])]
        )
        by_customer = contacts.grouped("commercial_partner_id")
        found = {}
        for order in orders:
            family = by_customer.get(order.partner_id.commercial_partner_id, contacts)
            # The contact that ordered comes first: colleagues may share a telephone.
            found.setdefault(order.company_id.id, []).extend(
                (order, partner)
                for partner in (order.partner_id | family)
                if partner.commercial_partner_id
                == order.partner_id.commercial_partner_id
            )
        return found

    @api.model
    def _guest_order_spellings(self, number):
        number = re.sub(r"[\s#]", "", number or "")
        return {number, number.upper()} - {""}

    @api.model
    def _guest_is_order(self, vals, order, partner):
        """Whether number and contact data prove that the order is the guest's."""
        if order.name not in self._guest_order_spellings(
            vals.get("guest_order_number")
        ):
            return False
        email = email_normalize(vals.get("guest_email"))
        if email and email == partner.email_normalized:
            return True
        return self._guest_is_same_phone(vals.get("guest_phone"), partner.phone)

    @api.model
    def _guest_is_same_phone(self, *phones):
        """Whether two numbers are one, be it with country code or without."""
        short, long = sorted(
            (re.sub(r"\D", "", phone or "").lstrip("0") for phone in phones), key=len
        )
        return len(short) >= PHONE_DIGITS and long.endswith(short)

    @api.model
    def _guest_partners_by_email(self, vals_list, company):
        """Who has the stated address, or a new contact with it."""
        by_email = {
            email: vals
            for vals in vals_list
            if not vals.get("partner_id")
            and (email := email_normalize(vals.get("guest_email")))
        }
        if not by_email:
            return
        partners = self.env["res.partner"]._find_or_create_from_emails(
            [
                formataddr((vals.get("guest_name") or email, email))
                for email, vals in by_email.items()
            ],
            # Of another company's contacts nothing may be used, nor be told.
            filter_found=lambda partner: (
                not partner.company_id or partner.company_id == company
            ),
            additional_values={
                email: {
                    "name": vals.get("guest_name") or email,
                    "phone": vals.get("guest_phone"),
                    "lang": vals.get("guest_lang"),
                }
                for email, vals in by_email.items()
            },
        )
        found = dict(zip(by_email, partners, strict=True))
        for vals in vals_list:
            partner = found.get(email_normalize(vals.get("guest_email")))
            if partner and not vals.get("partner_id"):
                vals["partner_id"] = partner.id

    # Mail to an address that nobody verified ------------------------------------------

    def _acknowledge(self):
        """A stated address gets a few automatic mails an hour, not a flood (A6)."""
        held = self.filtered(
            lambda case: not case.acknowledged_at and not case._guest_may_be_mailed()
        )
        held._message_log_batch(
            bodies=dict.fromkeys(
                held.ids,
                self.env._(
                    "No confirmation was sent: this address got too many automatic "
                    "mails in the last hour. Acknowledge the complaint by hand if it "
                    "is genuine."
                ),
            )
        )
        return super(ComplaintCase, self - held)._acknowledge()

    def _guest_may_be_mailed(self):
        email = self.partner_id.email_normalized
        is_by_staff = self.env.user._is_internal() and not self.env.is_superuser()
        if not self.is_guest or not email or is_by_staff:
            return True
        return self.env["complaint.throttle"]._hit(
            "guest:mail",
            email,
            limit=self.company_id.complaint_guest_mails_hourly,
            seconds=3600,
        )

    def _letter_lang(self):
        """Who is no contact reads the language in which the form was filled in."""
        # sudo: the language a guest chose, whoever writes the letter.
        case = self.sudo()
        if case.is_guest and not case.partner_id and case.guest_lang:
            return get_lang(self.env, case.guest_lang).code
        return super()._letter_lang()

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """The confirmation brings number and code to the complainant, to nobody else.

        The code is put into the mail only, never into the message that staff read.
        """
        groups = super()._notify_get_recipients_groups(
            message, model_description, msg_vals=msg_vals
        )
        kind = (msg_vals or {}).get("message_type") or message.message_type
        if self and kind == "auto_comment":
            for name, _is_member, data in groups:
                if name == "portal_customer":
                    data["complaint_code"] = self._tracking_code()
                    data["complaint_track_url"] = self._tracking_address()
        return groups

    # Who it is ------------------------------------------------------------------------

    def _guest_confirm(self):
        """The owner of the stated address says that the complaint is theirs."""
        self.filtered(
            lambda case: case.guest_identity == "unconfirmed"
        ).guest_identity = "confirmed"

    def _guest_deny(self):
        """The owner of the stated address did not send the complaint.

        Somebody did, perhaps with a slip of the pen: the complaint stays, but has
        nothing to do with this contact any more, and mails go there no longer.
        """
        for case in self:
            if case.guest_identity != "unconfirmed":
                continue
            # The link that was mailed to the owner of the address is theirs no more.
            vals = {"guest_identity": "denied", "access_token": False}
            if case.phase != "closed":
                vals |= {"order_id": False, "product_id": False, "partner_id": False}
                vals |= {"email_from": False, "partner_name": case.guest_name}
            case.write(vals)
            case._alert_handler(
                self.env._("The owner of the stated address did not send this."),
                note=plaintext2html(
                    self.env._(
                        "The complaint was sent through the public form with the "
                        "address %(email)s. Its owner says that it is not theirs. It "
                        "is not linked to a customer any more; whoever sent it can be "
                        "reached through the tracking page.",
                        email=case.guest_email or case.guest_phone or "",
                    )
                ),
            )

    def action_confirm_identity(self):
        """Staff made sure that the sender is the complainant."""
        self.check_access("write")
        self._guest_confirm()
        return True

    def action_link_stated_order(self):
        """Link the order whose number was stated, if it is the complainant's."""
        self.ensure_one()
        self.check_access("write")
        if not self.partner_id:
            raise UserError(
                self.env._("Choose the customer first: the order must be theirs.")
            )
        spellings = self._guest_order_spellings(self.guest_order_number)
        order = self.env["sale.order"].search(
            [
                ("name", "in", list(spellings)),
                ("company_id", "=", self.company_id.id),
                (
                    "partner_id.commercial_partner_id",
                    "=",
                    self.commercial_partner_id.id,
                ),
            ],
            limit=1,
        )
        if not order:
            raise UserError(
                self.env._(
                    "%(customer)s has no order %(number)s. Ask the complainant, or "
                    "choose another customer or order.",
                    customer=self.partner_id.display_name,
                    number=self.guest_order_number,
                )
            )
        self.order_id = order
        return True
