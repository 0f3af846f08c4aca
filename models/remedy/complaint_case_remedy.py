from odoo import api, fields, models

from ..case.complaint_case_checklist import Point
from ..words import label
from .complaint_remedy import ENDED


class ComplaintCase(models.Model):
    """What the customer gets; what is not carried out binds closing (E5)."""

    _inherit = "complaint.case"

    remedy_ids = fields.One2many(
        comodel_name="complaint.remedy",
        inverse_name="case_id",
        string="Remedies",
        copy=False,
        groups="base.group_user",
    )
    remedy_cost = fields.Monetary(
        string="Cost of remedies",
        compute="_compute_remedy_cost",
        store=True,
        precompute=True,
        currency_field="company_currency_id",
        groups="base.group_user",
        help="Net, of what was carried out, in company currency.",
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id",
        string="Company Currency",
        groups="base.group_user",
    )
    order_compensated = fields.Char(
        string="Given back for this order",
        compute="_compute_order_compensated",
        groups="base.group_user",
        help="Credit notes, and what is promised and not carried out yet; of all "
        "complaints about the order.",
    )

    @api.depends("remedy_ids.cost", "remedy_ids.state")
    def _compute_remedy_cost(self):
        for case in self:
            done = case.remedy_ids.filtered(lambda one: one.state == "executed")
            case.remedy_cost = sum(done.mapped("cost"))

    @api.depends("order_id", "remedy_ids.state", "remedy_ids.amount")
    def _compute_order_compensated(self):
        # sudo: a sum, for whoever sees the complaint.
        orders = self.sudo().order_id
        given = self.env["complaint.remedy"]._compensated(orders)
        for case in self:
            order = case.sudo().order_id  # sudo: as above.
            amount = given.get(order, 0)
            case.order_compensated = bool(amount) and order.currency_id.format(amount)

    def write(self, vals):
        result = super().write(vals)
        if "order_id" in vals:
            # sudo: they are of this complaint, whoever sees it.
            remedies = self.sudo()._open_remedies()
            remedies._check_of_case()
            remedies._revised()
        return result

    def _open_remedies(self):
        """Remedies that the customer still waits for, or that wait for somebody."""
        # sudo: they bind closing, whoever closes.
        return self.sudo().remedy_ids.filtered(lambda one: one.state not in ENDED)

    def _missing_to_close(self):
        missing = super()._missing_to_close()
        labels = dict(
            self.env["complaint.remedy"]
            ._fields["state"]
            ._description_selection(self.env)
        )
        for remedy in self._open_remedies():
            text = self.env._(
                "“%(remedy)s” is not carried out (%(state)s). Carry it out or cancel "
                "it.",
                remedy=remedy.display_name,
                state=labels[remedy.state],
            )
            missing.append(Point(text, where=remedy))
        return missing

    def _answer_points(self):
        points = super()._answer_points()
        remedies = self.remedy_ids.filtered(
            lambda one: one.state not in ("cancelled", "declined")
        )
        for remedy in remedies.filtered(lambda one: one.state == "proposed"):
            text = self.env._(
                "“%(remedy)s” is not approved: promise nothing of it.",
                remedy=remedy.display_name,
            )
            points.append(Point(text, is_binding=False, where=remedy))
        for remedy in remedies.filtered(lambda one: one.state == "failed"):
            text = self.env._(
                "“%(remedy)s” could not be carried out, and the letter promises it.",
                remedy=remedy.display_name,
            )
            points.append(Point(text, is_binding=False, where=remedy))
        approved = remedies.filtered(
            lambda one: one.state not in ("proposed", "failed")
        )
        if approved:
            text = self.env._(
                "the letter says what the customer gets: %(remedies)s.",
                remedies=", ".join(approved.mapped("display_name")),
            )
            points.append(Point(text, True))
        elif not remedies and any(
            line.finding in ("upheld", "partly") for line in self.allegation_ids
        ):
            text = self.env._("the customer is right and gets nothing.")
            points.append(Point(text, is_binding=False))
        return points

    def action_propose_remedy(self):
        """Open a new remedy of this complaint."""
        self.ensure_one()
        self.check_access("write")
        upheld = self.allegation_ids.filtered(
            lambda line: line.finding in ("upheld", "partly")
        )
        chosen = upheld[:1] if len(upheld) == 1 else upheld.browse()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Propose a remedy"),
            "res_model": "complaint.remedy",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_case_id": self.id,
                "default_allegation_id": chosen.id,
                "default_order_line_id": chosen.order_line_id.id,
            },
        }

    def _merge_move_lines(self, target):
        result = super()._merge_move_lines(target)
        # sudo: what is approved moves with its complaint only.
        remedies = self.sudo().remedy_ids
        foreign = remedies.filtered(
            lambda one: one.case_id.order_id != target.sudo().order_id
        )
        # Lines and invoices are of the order that the complaint is about.
        foreign.write(
            {"order_line_id": False, "invoice_id": False, "case_id": target.id}
        )
        (remedies - foreign).write({"case_id": target.id})
        return result

    def _split_move_lines(self, new, allegations):
        """What is for the allegations split off goes with them."""
        # sudo: as above.
        remedies = self.sudo().remedy_ids.filtered(
            lambda one: one.allegation_id in allegations
        )
        result = super()._split_move_lines(new, allegations)
        remedies.write({"case_id": new.id})
        return result

    # On paper ------------------------------------------------------------------------

    def _file_remedies(self):
        """Remedies for the case file.

        :return: list of dict: what, state, who, document, when, note
        """
        return [
            {
                "what": one.display_name,
                "state": label(one, "state"),
                "who": one._told_people(),
                "document": one.document_name or "",
                "when": self._file_when(one.executed_at) or "",
                "note": one.note or "",
            }
            for one in self.remedy_ids
        ]

    # What letters say --------------------------------------------------------------

    def _letter_remedies(self):
        """What the customer gets, as approved, in the customer's language.

        :return: list of dict: what, note
        """
        return self._letter_of(
            lambda one: one.state not in ("proposed", "declined", "cancelled")
        )

    def _letter_offers(self):
        """What waits for the customer's word; as :meth:`_letter_remedies`."""
        return self._letter_of(lambda one: one.state == "offered")

    def _letter_of(self, wanted):
        self.ensure_one()
        # sudo: what the letter tells of it.
        case = self.sudo().with_context(lang=self._letter_lang())
        return [
            {"what": one.display_name, "note": (one.note or "").strip()}
            for one in case.remedy_ids.filtered(wanted)
        ]
