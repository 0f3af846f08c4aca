import uuid
from email.utils import formataddr

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import email_normalize, plaintext2html

from ..constants import PRIORITIES

ACTION = "complaint_management.complaint_entry_action"


class ComplaintEntry(models.TransientModel):
    """Taking a complaint down while the customer is on the phone or at the counter.

    One page, by keyboard alone: who, which order, what happened, what they want. It
    becomes a complaint through the same door as all others (``_intake_once``), once
    however often the button is pressed (A1, A2, A5, A6).
    """

    _name = "complaint.entry"
    _description = "Complaint Being Taken Down"
    _rec_name = "subject"

    # Who
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer")
    commercial_partner_id = fields.Many2one(related="partner_id.commercial_partner_id")
    partner_name = fields.Char(string="Name")
    email_from = fields.Char(string="E-mail")
    phone = fields.Char()
    is_on_behalf = fields.Boolean(string="On behalf of somebody")
    needs = fields.Text(string="Preferences and special needs")
    is_vulnerable = fields.Boolean(string="Needs special care")

    # What
    order_id = fields.Many2one(
        comodel_name="sale.order",
        domain="[('partner_id.commercial_partner_id', '=', commercial_partner_id)]",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        domain="[('complaint_order_id', '=', order_id)] if order_id else []",
    )
    subject = fields.Char(string="In a few words")
    description = fields.Text(string="What happened")
    demand = fields.Text(string="What the customer asks for")
    date_occurred = fields.Date(string="Happened on")
    category_id = fields.Many2one(comodel_name="complaint.category")
    proposed_category_id = fields.Many2one(comodel_name="complaint.category")
    priority = fields.Selection(selection=PRIORITIES, default="0", required=True)
    is_confidential = fields.Boolean(string="Confidential")

    # How
    channel_id = fields.Many2one(
        comodel_name="complaint.channel",
        required=True,
        default=lambda self: self.env["complaint.channel"].search(
            [("code", "=", "phone")], limit=1
        ),
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="First contact",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        help="Owns the complaint until another person takes it over.",  # A5
    )

    # What became of it
    token = fields.Char(default=lambda self: uuid.uuid4().hex, readonly=True)
    case_id = fields.Many2one(
        comodel_name="complaint.case", string="Complaint", readonly=True
    )
    number = fields.Char(related="case_id.name")
    acknowledged_at = fields.Datetime(related="case_id.acknowledged_at")
    promises = fields.Html(compute="_compute_promises", sanitize=False)

    similar_cases = fields.Json(
        compute="_compute_similar_cases",
        help="Complaints that look like the one being taken down and that you may see.",
    )

    @api.depends("case_id")
    def _compute_promises(self):
        """By when what happens, to be told to the customer at once (A6)."""
        for entry in self:
            rows = entry.case_id._letter_promises() if entry.case_id else []
            entry.promises = Markup().join(
                Markup("<li>%s: <b>%s</b></li>") % row for row in rows
            )

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        partner = self.partner_id
        self.partner_name = partner.name or self.partner_name
        self.email_from = partner.email or (not partner and self.email_from)
        self.phone = partner.phone or (not partner and self.phone)
        owner = self.order_id.partner_id.commercial_partner_id
        if owner != partner.commercial_partner_id:
            self.order_id = False

    @api.onchange("order_id")
    def _onchange_order_id(self):
        products = self.order_id.order_line.product_id
        if self.order_id and self.product_id not in products:
            self.product_id = products if len(products) == 1 else False

    @api.onchange("subject", "description")
    def _onchange_words(self):
        """Propose the category from the wording, and leave one that was chosen."""
        text = f"{self.subject or ''}\n{self.description or ''}"
        [proposal] = self.env["complaint.category"]._propose([text])
        if not self.category_id or self.category_id == self.proposed_category_id:
            self.category_id = proposal
        self.proposed_category_id = proposal

    @api.depends(
        "partner_id",
        "email_from",
        "phone",
        "order_id",
        "product_id",
        "category_id",
        "subject",
        "description",
        "case_id",
    )
    @api.depends_context("uid", "lang", "tz")
    def _compute_similar_cases(self):
        cases = self.env["complaint.case"]
        for entry in self:
            entry.similar_cases = []
            if entry.case_id or not (entry.subject or entry.partner_id):
                continue
            # sudo: facts of what is being typed; what is found is filtered by rights.
            typed = cases.sudo().new(
                {
                    **entry._case_values(entry.partner_id),
                    "company_id": self.env.company.id,
                }
            )
            entry.similar_cases = cases._similar_shown(typed._similar_judged())

    # The search field -----------------------------------------------------------------

    @api.model
    @api.readonly
    def find_customers(self, text):
        """What was typed or scanned into the one field, see complaint.customer.search.

        :raise AccessError: unless the user handles complaints
        """
        if not self.env.user.has_group("complaint_management.group_handler"):
            raise AccessError(
                self.env._("Only complaint handlers take complaints down.")
            )
        return self.env["complaint.customer.search"]._find(text)

    # Buttons --------------------------------------------------------------------------

    def action_register(self):
        """Register the complaint; a second press finds the one of the first.

        :raise UserError: when something is missing, saying what
        """
        self.ensure_one()
        self.check_access("write")
        if self.case_id:
            return True
        self._check_complete()
        self._check_allowed()
        partner = self._customer()
        # sudo: the key by which a second press is noticed is nobody's to write; that
        # the user may create complaints is checked.
        cases = self.env["complaint.case"].sudo()
        key = cases._request_key("desk", self.env.uid, self.token)
        case, _is_new = cases._intake_once(
            self._case_values(partner), self.channel_id.code or "phone", key
        )
        if partner and not self.partner_id:
            self._note_needs(partner)
        self.case_id = case.id
        return True

    def _check_complete(self):
        if not (self.subject or self.description or "").strip():
            raise UserError(self.env._("Please say in a few words what happened."))
        if self.email_from and not email_normalize(self.email_from):
            raise UserError(
                self.env._(
                    "“%(email)s” is not an e-mail address. Correct it, or leave it "
                    "empty.",
                    email=self.email_from,
                )
            )

    def _check_allowed(self):
        """What was chosen must be the user's to see, whatever a client sends."""
        self.env["complaint.case"].check_access("create")
        for chosen in (self.partner_id, self.order_id):
            if chosen:
                chosen.check_access("read")
        # sudo: a handler may not read the groups of others.
        if self.user_id.sudo().share:
            raise UserError(
                self.env._("Only colleagues can own a complaint. Choose another one.")
            )

    def _customer(self):
        """The customer; somebody new becomes a contact when they can be reached.

        :return: res.partner, empty for a complainant who is known by nothing but a
            name, or by nothing at all
        """
        if self.partner_id:
            return self.partner_id
        # sudo: handlers may not create contacts otherwise; this one is made of what
        # the customer said.
        partners = self.env["res.partner"].sudo()
        name = (self.partner_name or "").strip()
        email = email_normalize(self.email_from)
        if email:
            found = partners._find_or_create_from_emails(
                [formataddr((name, email))],
                additional_values={email: {"phone": self.phone}},
            )[0]
            return self.env["res.partner"].browse(found.id)
        if not self.phone:
            return self.env["res.partner"]
        created = partners.create({"name": name or self.phone, "phone": self.phone})
        return self.env["res.partner"].browse(created.id)

    def _case_values(self, partner):
        return {
            "subject": self.subject,
            "description": plaintext2html(self.description or ""),
            "demand": self.demand,
            "partner_id": partner.id,
            "partner_name": self.partner_name or partner.name,
            "email_from": self.email_from or partner.email,
            "phone": self.phone or partner.phone,
            "is_on_behalf": self.is_on_behalf,
            "order_id": self.order_id.id,
            "product_id": self.product_id.id,
            "date_occurred": self.date_occurred,
            "category_id": self.category_id.id,
            "priority": self.priority,
            "is_confidential": self.is_confidential,
            "channel_id": self.channel_id.id,
            "user_id": self.user_id.id,
        }

    def _note_needs(self, partner):
        """What was said about somebody new; of others the panel beside keeps it."""
        known = (partner.complaint_needs or "", partner.is_complaint_vulnerable)
        told = ((self.needs or "").strip(), self.is_vulnerable)
        if told != known:
            partner.set_complaint_needs(*told)

    def action_next(self):
        """Clear the page for the next customer; the channel stays."""
        self.ensure_one()
        return self.env["ir.actions.actions"]._for_xml_id(ACTION) | {
            "context": {"default_channel_id": self.channel_id.id},
        }

    def action_open(self):
        """Open the complaint that was registered."""
        self.ensure_one()
        return self.case_id._get_records_action()

    def action_print(self):
        """Print the acknowledgement, for who has no e-mail or wants it on paper."""
        self.ensure_one()
        self.case_id._acknowledged_on_paper()
        return self.env.ref(
            "complaint_management.report_complaint_acknowledgement"
        ).report_action(self.case_id)
