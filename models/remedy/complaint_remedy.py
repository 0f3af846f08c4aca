from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..constants import PHASE_ORDER
from .kinds import KINDS

STATES = [
    ("proposed", "Proposed"),
    ("approved", "Approved"),
    ("offered", "Offered to the customer"),
    ("accepted", "Accepted by the customer"),
    ("declined", "Declined by the customer"),
    ("failed", "Could not be carried out"),
    ("executed", "Carried out"),
    ("cancelled", "Cancelled"),
]
#: What nothing follows any more.
ENDED = ("declined", "executed", "cancelled")


class ComplaintRemedy(models.Model):
    """What the customer gets, from the proposal to the document in the ERP (E1, E2).

    Proposed by who handles the complaint; approved by somebody who may, by amount;
    offered where the customer has a choice; carried out once, by Odoo's own documents,
    which are linked. Money is in the currency of the order, else of the company.
    """

    _name = "complaint.remedy"
    _inherit = ["complaint.by.hand.mixin", "complaint.kept.mixin", "mail.thread"]
    _description = "Remedy of a Complaint"
    _order = "case_id, sequence, id"
    _rec_name = "kind"
    _check_company_auto = True
    _given_once = frozenset({"case_id"})
    _by_hand = frozenset(
        {
            "allegation_id",
            "amount",
            "invoice_id",
            "kind",
            "note",
            "order_line_id",
            "product_id",
            "quantity",
            "sequence",
        }
    )

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="case_id.company_id", store=True, index=True, precompute=True
    )
    category_id = fields.Many2one(
        related="case_id.category_id", store=True, index="btree_not_null"
    )
    sequence = fields.Integer(default=10)
    allegation_id = fields.Many2one(
        comodel_name="complaint.allegation",
        index="btree_not_null",
        domain="[('case_id', '=', case_id)]",
        ondelete="restrict",
    )
    kind = fields.Selection(selection="_selection_kind", required=True, tracking=True)
    makes = fields.Char(compute="_compute_makes")
    is_money = fields.Boolean(compute="_compute_makes")
    is_product = fields.Boolean(compute="_compute_makes")
    state = fields.Selection(
        selection=STATES,
        required=True,
        readonly=True,
        default="proposed",
        index=True,
        copy=False,
        tracking=True,
    )
    note = fields.Text(
        string="What and why",
        tracking=True,
        help="In words for the customer: what they get, and under which conditions.",
    )

    # On what
    order_id = fields.Many2one(related="case_id.order_id")
    order_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Line of the order",
        index="btree_not_null",
        domain="[('order_id', '=', order_id), ('display_type', '=', False)]",
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    quantity = fields.Float(default=1.0, digits="Product Unit", tracking=True)
    invoice_id = fields.Many2one(
        comodel_name="account.move",
        index="btree_not_null",
        domain="[('id', 'in', possible_invoice_ids)]",
        ondelete="restrict",
        tracking=True,
    )
    possible_invoice_ids = fields.Many2many(
        comodel_name="account.move",
        compute="_compute_possible_invoice_ids",
        # Handlers open the form without access to accounting.
        compute_sudo=True,
    )

    # How much
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        compute="_compute_currency_id",
        store=True,
        precompute=True,
    )
    amount = fields.Monetary(
        tracking=True, help="With tax, in the currency of the order."
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    company_amount = fields.Monetary(
        string="In company currency",
        compute="_compute_company_amount",
        store=True,
        precompute=True,
        currency_field="company_currency_id",
        help="At the rate of the day on which it was proposed or changed.",
    )
    cost = fields.Monetary(
        string="Net cost",
        currency_field="company_currency_id",
        readonly=True,
        copy=False,
        help="What it cost the company, without tax, once it is carried out.",
    )

    # Who and when
    proposed_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Proposed by",
        readonly=True,
        copy=False,
        index=True,
        default=lambda self: self.env.user,
    )

    _open_idx = models.Index(
        "(company_id, state) WHERE state NOT IN ('declined', 'executed', 'cancelled')"
    )

    # Computed -------------------------------------------------------------------------

    @api.model
    def _selection_kind(self):
        """Kinds whose app is installed."""
        labels = {
            "refund": self.env._("Refund"),
            "price_reduction": self.env._("Price reduction"),
            "goodwill": self.env._("Goodwill payment"),
            "coupon": self.env._("Coupon"),
            "replacement": self.env._("Replacement delivery"),
            "return": self.env._("Return of the goods"),
            "repair": self.env._("Repair"),
            "free_service": self.env._("Free service"),
            "apology": self.env._("Apology"),
            "explanation": self.env._("Explanation"),
        }
        return [
            (code, labels[code])
            for code, kind in KINDS.items()
            if not kind.needs or kind.needs in self.env
        ]

    @api.depends("kind")
    def _compute_makes(self):
        for remedy in self:
            kind = KINDS.get(remedy.kind)
            remedy.makes = kind.makes if kind else ""
            remedy.is_money = bool(kind) and kind.is_money
            remedy.is_product = bool(kind) and kind.is_product

    @api.depends("order_line_id", "allegation_id")
    def _compute_product_id(self):
        for remedy in self:
            product = remedy.order_line_id.product_id or remedy.allegation_id.product_id
            remedy.product_id = product or remedy.product_id

    @api.depends("case_id.order_id.currency_id", "case_id.company_id")
    def _compute_currency_id(self):
        for remedy in self:
            if remedy.currency_id and remedy.state != "proposed":
                # Approved over so much of this; the complaint may get another order.
                remedy.currency_id = remedy.currency_id
                continue
            case = remedy.case_id.sudo()  # sudo: a currency only.
            order_currency = case.order_id.currency_id
            remedy.currency_id = order_currency or case.company_id.currency_id

    @api.depends("amount", "currency_id", "company_id")
    def _compute_company_amount(self):
        today = fields.Date.context_today(self)
        for remedy in self:
            company = remedy.company_id or self.env.company
            currency = remedy.currency_id or company.currency_id
            remedy.company_amount = currency._convert(
                remedy.amount, company.currency_id, company, today
            )

    @api.depends("kind", "amount", "currency_id", "product_id", "quantity")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for remedy in self:
            what = labels.get(remedy.kind, "")
            if remedy.is_money and remedy.amount:
                what = f"{what} {remedy.currency_id.format(remedy.amount)}"
            elif remedy.is_product and remedy.product_id:
                product = remedy.product_id.with_context(display_default_code=False)
                what = f"{what}: {product.display_name}"
            remedy.display_name = what

    # Rules ----------------------------------------------------------------------------

    @api.constrains(
        "kind", "amount", "quantity", "product_id", "order_line_id", "state"
    )
    def _check_what(self):
        offered = dict(self._selection_kind())
        for remedy in self:
            if remedy.kind not in offered:
                raise ValidationError(
                    self.env._("The app that would carry this out is not installed.")
                )
            if remedy.state == "cancelled":
                continue
            if (
                remedy.is_money
                and remedy.currency_id.compare_amounts(remedy.amount, 0) <= 0
            ):
                raise ValidationError(
                    self.env._("Enter the amount that the customer gets, above zero.")
                )
            if remedy.is_product and remedy.quantity <= 0:
                raise ValidationError(self.env._("Enter a quantity above zero."))
            # sudo: a quantity, for who has no access to sales.
            line = remedy.sudo().order_line_id
            if remedy.is_product and line and remedy.quantity > line.product_uom_qty:
                raise ValidationError(
                    self.env._(
                        "%(quantity)s are more than were ordered: %(ordered)s.",
                        quantity=f"{remedy.quantity:g}",
                        ordered=f"{line.product_uom_qty:g}",
                    )
                )
            if remedy.kind == "return" and not remedy.order_line_id:
                raise ValidationError(
                    self.env._("Choose the line of the order that is sent back.")
                )
            if remedy.is_product and not remedy.product_id:
                raise ValidationError(
                    self.env._("Choose the product that the customer gets.")
                )

    @api.constrains("case_id", "allegation_id", "order_line_id", "invoice_id")
    def _check_of_case(self):
        for remedy in self:
            # sudo: the checks hold without access to sales and invoices.
            one = remedy.sudo()
            case = one.case_id
            if one.allegation_id and one.allegation_id.case_id != case:
                raise ValidationError(
                    self.env._("The allegation belongs to another complaint.")
                )
            if one.order_line_id and one.order_line_id.order_id != case.order_id:
                raise ValidationError(
                    self.env._("The line belongs to another order than the complaint.")
                )
            if one.invoice_id and one.invoice_id not in one.possible_invoice_ids:
                raise ValidationError(
                    self.env._(
                        "Invoice %(invoice)s is not a posted invoice of this customer "
                        "in this company, for the order of the complaint.",
                        invoice=one.invoice_id.name,
                    )
                )

    # Create, write, delete ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Propose remedies; they are always proposals of whoever creates them."""
        remedies = super().create(vals_list)
        remedies._check_case_open()
        remedies._check_cap()
        remedies._approve_what_costs_nothing()
        return remedies

    def write(self, vals):
        if not self.env.su and vals.keys() - {"sequence"}:
            self._check_proposed()
        result = super().write(vals)
        changed = {"amount", "invoice_id", "kind", "order_line_id"}.intersection(vals)
        # What moves with its complaint is looked at again when it is carried out.
        if changed and "case_id" not in vals:
            self._check_cap()
        return result

    def _refuse_by_hand(self):
        raise UserError(
            self.env._(
                "Only what is proposed is written by hand. Everything else follows "
                "from the buttons."
            )
        )

    def _check_proposed(self):
        for remedy in self:
            if remedy.state != "proposed":
                raise UserError(
                    self.env._(
                        "%(remedy)s: it was approved as it is. Cancel it and propose "
                        "another one.",
                        remedy=remedy.display_name,
                    )
                )

    def _check_case_open(self):
        for remedy in self:
            if remedy.case_id.phase == "closed":
                raise UserError(
                    self.env._(
                        "%(complaint)s is closed. Reopen it first.",
                        complaint=remedy.case_id.display_name,
                    )
                )

    def _check_is_time(self):
        """:raise UserError: where the company gives nothing so early (E1)"""
        for remedy in self:
            # sudo: the company's setting only.
            since = remedy.company_id.sudo().complaint_remedy_from
            if PHASE_ORDER[remedy.case_id.phase] < PHASE_ORDER[since]:
                phases = dict(
                    remedy.case_id._fields["phase"]._description_selection(self.env)
                )
                raise UserError(
                    self.env._(
                        "Remedies are offered and carried out from “%(phase)s” on "
                        "(Settings › Complaints). %(complaint)s is not there yet: take "
                        "it there first.",
                        phase=phases[since],
                        complaint=remedy.case_id.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_proposals(self):
        self._check_proposed()
        for remedy in self:
            remedy.case_id._message_log(
                body=self.env._(
                    "Proposal deleted: %(remedy)s", remedy=remedy.display_name
                )
            )

    # States ---------------------------------------------------------------------------

    def _lock(self, *states):
        """Take the remedy for oneself and make sure that it is still where it was.

        :raise UserError: when somebody else is at it, or it went on meanwhile
        """
        self.ensure_one()
        if not self.try_lock_for_update(allow_referencing=True):
            raise UserError(
                self.env._("Somebody is at work on this remedy. Reload the page.")
            )
        self._one_at_a_time()
        self.invalidate_recordset(["state", "revision"])
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(remedy)s: it is “%(state)s” by now. Reload the page.",
                    remedy=self.display_name,
                    state=labels[self.state],
                )
            )

    def _one_at_a_time(self):
        """Sums of an order are looked at by one transaction at a time.

        Touching the row makes PostgreSQL refuse whoever looked at it meanwhile; Odoo
        then runs their request again, which sees what was done here.
        """
        case = self.case_id.sudo()  # sudo: a row is touched, nothing is changed.
        record = case.order_id or case
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET write_date = write_date WHERE id = %s",
                SQL.identifier(record._table),
                record.id,
            )
        )

    def _set(self, state, **values):
        # sudo: states are written by the methods only, by nobody's hand.
        self.sudo().write({"state": state, **values})

    def action_cancel(self):
        """Take a remedy back before it is carried out."""
        self.check_access("write")
        for remedy in self:
            remedy._lock(
                "proposed", "approved", "offered", "accepted", "failed", "declined"
            )
            remedy._set("cancelled")
            remedy._end_to_do()
        return True
