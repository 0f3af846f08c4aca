from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintMergeWizard(models.TransientModel):
    """Merges complaints into the one that remains, saying before what happens (A7)."""

    _name = "complaint.merge.wizard"
    _description = "Merge Complaints"

    case_ids = fields.Many2many(
        comodel_name="complaint.case",
        string="Complaints",
        required=True,
        domain="[('phase', 'not in', ('answered', 'closed')),"
        " ('commercial_partner_id', 'in', [customer_id, False])]",
    )
    customer_id = fields.Many2one(
        comodel_name="res.partner", compute="_compute_customer_id"
    )
    target_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Remains",
        domain="[('id', 'in', case_ids)]",
        ondelete="cascade",
        help="Everything moves here. The others are closed as merged.",
    )
    do_tell = fields.Boolean(
        string="Tell the customer",
        default=True,
        help="One mail with the number that remains.",
    )
    obstacle = fields.Char(compute="_compute_obstacle")
    summary = fields.Char(compute="_compute_summary")

    @api.depends("case_ids.commercial_partner_id")
    def _compute_customer_id(self):
        for wizard in self:
            wizard.customer_id = wizard.case_ids.commercial_partner_id[:1]

    @api.depends("case_ids", "target_id")
    def _compute_obstacle(self):
        for wizard in self:
            target = wizard.target_id._origin
            cases = wizard.case_ids._origin
            wizard.obstacle = target and cases._merge_obstacle(target)

    @api.depends("case_ids", "target_id")
    def _compute_summary(self):
        for wizard in self:
            sources = wizard.case_ids._origin - wizard.target_id._origin
            counts = wizard._count(sources)
            wizard.summary = sources and self.env._(
                "Moves to %(target)s – messages: %(messages)s, files: %(files)s, "
                "allegations: %(allegations)s. Its time limits count from %(day)s.",
                target=wizard.target_id.name,
                day=min(
                    wizard.case_ids._origin, key=lambda case: case.date_received
                )._day_received(),
                **counts,
            )

    def _count(self, cases):
        # sudo: how many there are, of cases that the user may change.
        messages = self.env["mail.message"].sudo()
        files = self.env["ir.attachment"].sudo()
        return {
            "messages": messages.search_count(
                [("model", "=", cases._name), ("res_id", "in", cases.ids)]
            ),
            "files": files.search_count(
                [("res_model", "=", cases._name), ("res_id", "in", cases.ids)]
            ),
            "allegations": len(cases.allegation_ids),
        }

    def action_merge(self):
        """Merge them, and go to the one that remains."""
        self.ensure_one()
        if not self.target_id:
            raise UserError(self.env._("Choose the complaint that remains."))
        self.case_ids._merge_into(self.target_id, tell=self.do_tell)
        return self.target_id._get_records_action()
