from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..constants import FINDINGS


class ComplaintAllegation(models.Model):
    """One thing complained of, with its own finding and root cause."""

    _name = "complaint.allegation"
    _inherit = ["complaint.kept.mixin"]
    _description = "Complaint Allegation"
    _order = "case_id, sequence, id"
    _rec_name = "summary"

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        required=True,
        index=True,
        ondelete="cascade",
    )
    order_id = fields.Many2one(related="case_id.order_id")
    sequence = fields.Integer(default=10)
    summary = fields.Char(required=True, string="Complained of")
    customer_words = fields.Char(
        string="In the customer's words",
        readonly=True,
        help="As the customer put it when complaining. The customer sees it in the "
        "portal, so it stays as it is, however the summary is worded.",
    )
    category_id = fields.Many2one(comodel_name="complaint.category", index=True)
    order_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        index="btree_not_null",
        domain="[('order_id', '=', order_id), ('display_type', '=', False)]",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
    )
    finding = fields.Selection(selection=FINDINGS)
    cause_id = fields.Many2one(
        comodel_name="complaint.cause", string="Root Cause", index="btree_not_null"
    )
    reason = fields.Text(
        string="Reasons", help="Why this finding; part of the answer to the customer."
    )

    @api.depends("order_line_id")
    def _compute_product_id(self):
        for allegation in self:
            if allegation.order_line_id:
                allegation.product_id = allegation.order_line_id.product_id

    @api.constrains("order_line_id", "case_id")
    def _check_order_line(self):
        for allegation in self:
            line = allegation.order_line_id
            # sudo: handlers need no access to sales for the check to hold.
            if line and line.sudo().order_id != allegation.case_id.sudo().order_id:
                raise ValidationError(
                    self.env._(
                        "“%(allegation)s” names a line of another order. Choose a line "
                        "of the order that the complaint is about.",
                        allegation=allegation.summary,
                    )
                )

    # What the customer was told stays as it is, and so does what the customer said. The
    # root cause may become clear later.
    @api.model_create_multi
    def create(self, vals_list):
        allegations = super().create(vals_list)
        added = allegations
        if self.env["complaint.case"]._is_history():
            # A register brings findings along with the case. Once the answer is on
            # record, nothing is added to it.
            added = allegations.filtered("case_id.answer_ids")
        added._check_case_open()
        return allegations

    def write(self, vals):
        if vals.keys() - {"cause_id", "sequence"}:
            self._check_case_open()
        if "customer_words" in vals and not self.env.su:
            self._refuse_customer_words()
        result = super().write(vals)
        if "case_id" in vals:
            self._check_case_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_answered(self):
        self._check_case_open()
        if not self.env.su and any(self.mapped("customer_words")):
            self._refuse_customer_words()

    def _refuse_customer_words(self):
        raise UserError(
            self.env._(
                "This is what the customer said, it stays as it is. Say in the finding "
                "what you think of it."
            )
        )

    def _check_case_open(self):
        # As in ComplaintCase._check_frozen: the context alone opens nothing.
        if self.env.su and self.env["complaint.case"]._is_history():
            return
        for case in self.case_id:
            if case.phase in ("answered", "closed"):
                raise UserError(
                    self.env._(
                        "%(complaint)s: the customer has the answer with these "
                        "findings, they cannot be changed any more. Reopen the "
                        "complaint if something has to be put right.",
                        complaint=case.display_name,
                    )
                )
