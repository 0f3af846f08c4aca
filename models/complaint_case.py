from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import email_normalize, html2plaintext

from .constants import (
    CUSTOMER_TYPES,
    HANDLING_MODES,
    MILESTONES,
    NATURES,
    OUTCOMES,
    PHASES,
    PRIORITIES,
    SOURCES,
)

#: A received date may lie this far ahead: clocks of two machines differ a little.
FUTURE_TOLERANCE_MINUTES = 10


class ComplaintCase(models.Model):
    """A complaint from a partner about an order, from receipt to archive.

    This file says what a complaint *is*. What happens to it is told by its
    neighbours: ``case/`` (the one door it moves through, record, dialogue), ``intake/``
    (how it comes in), ``portal/`` (what the customer sees and does), ``sla/`` (time
    limits) and ``feedback/`` (satisfaction).
    """

    _name = "complaint.case"
    _inherit = [
        "portal.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "complaint.due.mixin",
        "complaint.kept.mixin",
        "complaint.clocked.mixin",
    ]
    _description = "Complaint"
    # By nothing that customers may not read: their lists are sorted by it, too.
    _order = "date_received desc, id desc"
    _rec_names_search = ["name", "subject"]
    _check_company_auto = True
    _primary_email = "email_from"
    _mail_post_access = "read"

    # What it is
    name = fields.Char(
        string="Number", copy=False, readonly=True, default="", index="trigram"
    )
    subject = fields.Char(required=True, tracking=True, index="trigram")
    description = fields.Html(
        string="What happened",
        sanitize_attributes=True,
        sanitize_form=True,
        help="In the words of the complainant.",
    )
    demand = fields.Text(
        string="What the customer asks for",
        help="What would settle the complaint in the eyes of the customer.",  # A2
    )
    allegation_ids = fields.One2many(
        comodel_name="complaint.allegation",
        inverse_name="case_id",
        string="Allegations",
        groups="base.group_user",
    )
    tag_ids = fields.Many2many(comodel_name="complaint.tag", groups="base.group_user")
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    active = fields.Boolean(default=True)

    # Who complains
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Complainant",
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner",
        compute="_compute_commercial_partner_id",
        store=True,
        precompute=True,
        index=True,
    )
    partner_name = fields.Char(
        string="Name",
        compute="_compute_contact",
        store=True,
        precompute=True,
        readonly=False,
    )
    email_from = fields.Char(
        string="E-mail",
        compute="_compute_contact",
        store=True,
        precompute=True,
        readonly=False,
    )
    email_normalized = fields.Char(
        compute="_compute_email_normalized",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    phone = fields.Char(
        compute="_compute_contact", store=True, precompute=True, readonly=False
    )
    customer_type = fields.Selection(
        selection=CUSTOMER_TYPES,
        compute="_compute_contact",
        store=True,
        precompute=True,
        readonly=False,
        groups="base.group_user",
    )
    source = fields.Selection(
        selection=SOURCES, required=True, default="external", groups="base.group_user"
    )
    is_on_behalf = fields.Boolean(
        string="On behalf of somebody",
        help="The complainant speaks for another person.",  # A3
    )
    channel_id = fields.Many2one(
        comodel_name="complaint.channel",
        index="btree_not_null",
        groups="base.group_user",
    )
    import_reference = fields.Char(
        string="External Number",
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        help="Number of the complaint in the register or system that it was brought "
        "in from.",
    )

    # About what
    order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Sales Order",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        domain="[('partner_id.commercial_partner_id', '=', commercial_partner_id)]",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        index="btree_not_null",
        domain="[('complaint_order_id', '=', order_id)] if order_id else []",
    )
    date_occurred = fields.Date(string="Happened on")

    # Classification
    category_id = fields.Many2one(
        comodel_name="complaint.category", index="btree_not_null", tracking=True
    )
    nature = fields.Selection(
        selection=NATURES,
        required=True,
        default="general",
        tracking=True,
        groups="base.group_user",
    )
    priority = fields.Selection(
        selection=PRIORITIES,
        required=True,
        default="0",
        tracking=True,
        groups="base.group_user",
    )
    handling_mode = fields.Selection(
        selection=HANDLING_MODES,
        required=True,
        default="general",
        groups="base.group_user",
    )
    is_confidential = fields.Boolean(
        groups="base.group_user",
        tracking=True,
        help="Only the handler and those named may see the complaint.",  # H1
    )
    confidential_user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="complaint_case_confidential_rel",
        column1="case_id",
        column2="user_id",
        string="May see it",
        groups="base.group_user",
        domain=[("share", "=", False)],
    )

    # Who handles it
    team_id = fields.Many2one(
        comodel_name="complaint.team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        tracking=True,
        check_company=True,
        groups="base.group_user",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Handler",
        index="btree_not_null",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        help="Owns the complaint until another person takes it over.",  # A5
    )

    # Where it stands
    stage_id = fields.Many2one(
        comodel_name="complaint.stage",
        required=True,
        index=True,
        tracking=True,
        copy=False,
        default=lambda self: self._default_stage_id(),
        group_expand="_read_group_stage_ids",
        ondelete="restrict",
    )
    phase = fields.Selection(
        selection=PHASES,
        compute="_compute_phase",
        store=True,
        precompute=True,
        index=True,
    )
    outcome = fields.Selection(selection=OUTCOMES, tracking=True, copy=False)
    answer = fields.Html(
        string="Answer to the customer",
        copy=False,
        sanitize_attributes=True,
        groups="base.group_user",
        # E4
        help="Result, reasons, what the customer gets, what the company improves. "
        "The customer sees it once the complaint is answered.",
    )
    round = fields.Integer(
        default=1,
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Grows by one each time the complaint is reopened.",
    )
    customer_verdict = fields.Selection(
        selection=[("accepted", "Answer accepted"), ("objected", "Objected")],
        string="Customer's reaction",
        readonly=True,
        copy=False,
        tracking=True,
    )

    # When; all in UTC
    date_received = fields.Datetime(
        string="Received on",
        required=True,
        index=True,
        tracking=True,
        copy=False,
        default=fields.Datetime.now,
        help="When the complaint reached the company, whoever typed it in later. "
        "Drives every time limit.",
    )
    reopened_at = fields.Datetime(
        readonly=True, copy=False, help="When the present round began, if reopened."
    )
    acknowledged_at = fields.Datetime(
        string="Acknowledged", readonly=True, copy=False, groups="base.group_user"
    )
    last_dialogue_at = fields.Datetime(
        string="Last message",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="When customer and company last wrote to each other.",
    )
    milestone_ids = fields.One2many(
        comodel_name="complaint.milestone",
        inverse_name="case_id",
        groups="base.group_user",
    )
    accepted_at = fields.Datetime(
        string="Accepted", compute="_compute_milestones", store=True
    )
    assessed_at = fields.Datetime(
        string="Assessed", compute="_compute_milestones", store=True
    )
    first_reply_at = fields.Datetime(
        string="First reply", compute="_compute_milestones", store=True
    )
    resolved_at = fields.Datetime(
        string="Resolved", compute="_compute_milestones", store=True
    )
    answered_at = fields.Datetime(
        string="Answered", compute="_compute_milestones", store=True
    )
    closed_at = fields.Datetime(
        string="Closed", compute="_compute_milestones", store=True, index=True
    )

    # The portal token opens the case to whoever holds it: nobody reads or writes it
    # through the client or RPC.
    access_token = fields.Char(groups=fields.NO_ACCESS)

    _reference_unique = models.UniqueIndex(
        "(company_id, import_reference) WHERE import_reference IS NOT NULL",
        "A complaint with this external number is here already.",
    )
    _name_unique = models.UniqueIndex("(company_id, name) WHERE name <> ''")
    _team_open_idx = models.Index("(team_id, phase) WHERE phase <> 'closed'")
    _board_idx = models.Index("(priority DESC, date_received DESC, id DESC)")
    _customer_idx = models.Index("(commercial_partner_id, date_received DESC)")

    # Defaults and computed fields ---------------------------------------------

    def _default_stage_id(self):
        return self.env["complaint.stage"]._by_phase().get("received")

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        return stages._all()

    @api.depends("stage_id.phase")
    def _compute_phase(self):
        for case in self:
            # sudo: the phase is public to whoever may read the case.
            case.phase = case.stage_id.sudo().phase

    @api.depends("partner_id.commercial_partner_id")
    def _compute_commercial_partner_id(self):
        for case in self:
            case.commercial_partner_id = case.partner_id.commercial_partner_id

    @api.depends("partner_id")
    def _compute_contact(self):
        for case in self.filtered("partner_id"):
            partner = case.partner_id
            case.partner_name = partner.name
            case.email_from = partner.email or case.email_from
            case.phone = partner.phone or case.phone
            case.customer_type = partner._complaint_customer_type()

    @api.depends("email_from")
    def _compute_email_normalized(self):
        for case in self:
            case.email_normalized = email_normalize(case.email_from)

    @api.depends("company_id")
    def _compute_team_id(self):
        teams = self.env["complaint.team"]._default_by_company(self.company_id)
        for case in self:
            if not case.team_id or (
                case.team_id.company_id and case.team_id.company_id != case.company_id
            ):
                case.team_id = teams.get(case.company_id)

    @api.depends("milestone_ids.reached_at", "milestone_ids.round", "round")
    def _compute_milestones(self):
        for case in self:
            reached = {
                row.milestone: row.reached_at
                for row in case.milestone_ids
                if row.round == case.round
            }
            for milestone, _label in MILESTONES:
                case[f"{milestone}_at"] = reached.get(milestone)

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for case in self:
            case.display_name = " · ".join(filter(None, [case.name, case.subject]))

    def _compute_access_url(self):
        for case in self:
            case.access_url = f"/my/complaints/{case.id}"

    # Constraints --------------------------------------------------------------

    @api.constrains("order_id", "partner_id")
    def _check_order_of_customer(self):
        for case in self.filtered("order_id"):
            # sudo: handlers need no access to sales to record what it is about.
            customer = case.order_id.sudo().partner_id.commercial_partner_id
            if customer != case.sudo().commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "Order %(order)s belongs to another customer than the "
                        "complainant. Choose one of the complainant's orders.",
                        order=case.order_id.sudo().name,
                    )
                )

    @api.constrains("order_id", "product_id")
    def _check_product_of_order(self):
        for case in self.filtered(lambda case: case.order_id and case.product_id):
            # sudo: the check holds without access to sales.
            if case.product_id not in case.order_id.sudo().order_line.product_id:
                raise ValidationError(
                    self.env._(
                        "“%(product)s” is not on order %(order)s. Choose a product of "
                        "the order, or clear the order.",
                        product=case.product_id.sudo().display_name,
                        order=case.order_id.sudo().name,
                    )
                )

    @api.constrains("date_received")
    def _check_date_received(self):
        latest = fields.Datetime.add(
            fields.Datetime.now(), minutes=FUTURE_TOLERANCE_MINUTES
        )
        if any(case.date_received > latest for case in self):
            raise ValidationError(
                self.env._(
                    "A complaint cannot be received in the future. Correct the date "
                    "received."
                )
            )

    # Create, write, delete ----------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Register complaints; many at once cost a fixed number of queries.

        With ``complaint_history`` in the context the cases are history brought in
        from elsewhere (see :meth:`_is_history`).
        """
        vals_list = [dict(vals) for vals in vals_list]
        self._complete_company(vals_list)
        self._complete_number(vals_list)
        self._complete_stage(vals_list)
        if self._is_history():
            self._intake_categories(vals_list)
        registering = self.with_context(complaint_registering=True)
        cases = super(ComplaintCase, registering).create(vals_list).with_env(self.env)
        cases._clocks_start()
        if self._is_history():
            cases._enter_history()
        else:
            cases._enter_phases(dict.fromkeys(cases, "received"))
        return cases

    def write(self, vals):
        before = {case: case.phase for case in self} if "stage_id" in vals else {}
        result = super().write(vals)
        if before:
            self._enter_phases(before)
        changed = self._clock_match_fields().union(["date_received"]).intersection(vals)
        if changed:
            cases = self.filtered(lambda case: case.phase != "closed")
            if changed == {"date_received"}:
                # Later rounds count from when they were opened.
                cases = cases.filtered(lambda case: case.round == 1)
            cases._clocks_rematch()
        return result

    @api.model
    def _complete_company(self, vals_list):
        """The company of the order, of the team, or else the user's (field.md 23)."""
        # sudo: who may file need not read orders and teams.
        orders = self.env["sale.order"].sudo()
        teams = self.env["complaint.team"].sudo()
        undecided = [vals for vals in vals_list if not vals.get("company_id")]
        # Browse together, so that the companies are read in one query each.
        orders = orders.browse({vals.get("order_id") or 0 for vals in undecided} - {0})
        teams = teams.browse({vals.get("team_id") or 0 for vals in undecided} - {0})
        by_order = {order.id: order.company_id.id for order in orders}
        by_team = {team.id: team.company_id.id for team in teams}
        for vals in undecided:
            vals["company_id"] = (
                by_order.get(vals.get("order_id"))
                or by_team.get(vals.get("team_id"))
                or self.env.company.id
            )

    @api.model
    def _complete_number(self, vals_list):
        unnumbered = [vals for vals in vals_list if not vals.get("name")]
        for company_id in {vals["company_id"] for vals in unnumbered}:
            # sudo: portal customers and handlers cannot read sequences.
            sequence = (
                self.env["ir.sequence"]
                .sudo()
                .search(
                    [
                        ("code", "=", "complaint.case"),
                        ("company_id", "in", [company_id, False]),
                    ],
                    order="company_id",
                    limit=1,
                )
            )
            if not sequence:
                raise ValidationError(
                    self.env._(
                        "Complaints cannot be numbered: the sequence with the code "
                        "“complaint.case” is missing. Create it in the settings."
                    )
                )
            own = [vals for vals in unnumbered if vals["company_id"] == company_id]
            for vals, number in zip(own, sequence._next_many(len(own)), strict=True):
                vals["name"] = number

    @api.model
    def _complete_stage(self, vals_list):
        """The default, asked once for all instead of once for each."""
        undecided = [vals for vals in vals_list if "stage_id" not in vals]
        if undecided:
            defaults = self.default_get(["stage_id"])
            for vals in undecided:
                vals.update(defaults)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_handled(self):
        if self.filtered("milestone_ids"):
            raise ValidationError(
                self.env._(
                    "A complaint that was taken up is a record and is kept. Close it "
                    "as refused or withdrawn instead of deleting it."
                )
            )

    def copy_data(self, default=None):
        return [
            vals | {"subject": self.env._("%(subject)s (copy)", subject=case.subject)}
            for case, vals in zip(self, super().copy_data(default), strict=True)
        ]

    # Small answers that many ask for ------------------------------------------

    @api.model
    def _is_history(self):
        """Whether cases are being brought in from an older register.

        History is taken as it is: nobody is notified, no milestone is stamped with
        today's date, and a limit long past is marked as breached then, not now.
        Odoo's import dialogue sets ``import_file``.
        """
        context = self.env.context
        return bool(context.get("complaint_history") or context.get("import_file"))

    def _clock_start_at(self):
        """When the limits of the present round start to run (UTC)."""
        self.ensure_one()
        return self.reopened_at or self.date_received

    def _plain_text(self):
        """Subject and description without markup, for matching words."""
        self.ensure_one()
        return f"{self.subject}\n{html2plaintext(self.description or '')}"

    @api.model
    def _open_domain(self):
        return Domain("phase", "!=", "closed")

    # Portal -------------------------------------------------------------------

    def _portal_ensure_token(self):
        # sudo: the token is readable by nobody, links to the case need it.
        return super(ComplaintCase, self.sudo())._portal_ensure_token()

    def _sign_token(self, pid):
        # sudo: as above; the signature does not reveal the token.
        return super(ComplaintCase, self.sudo())._sign_token(pid)

    def _get_report_base_filename(self):
        """Name of a document that the portal shows; each kind has its own."""
        kinds = {"letter": "resolution", "review": "review"}
        document = self.env.context.get("complaint_document")
        return self._letter_file_name(kinds.get(document, "acknowledgement"))
