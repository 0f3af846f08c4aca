from datetime import timedelta

from odoo import api, fields, models

from ..models.classify.complaint_rule_match import COSTLY

#: More complaints than this are not tried on at once: the latest ones are.
MAX_CASES = 5_000
DAYS = 365
_READ = [
    "subject",
    "description",
    "company_id",
    "category_id",
    "channel_id",
    "source",
    "customer_type",
    "partner_id",
    "order_id",
    "product_id",
]


class ComplaintRuleTrial(models.TransientModel):
    """Tries a rule on the complaints of the last year: which ones it would fit (B4).

    The conditions are taken as they are; nothing of any complaint is changed.
    """

    _name = "complaint.rule.trial"
    _description = "Try a Rule on Past Complaints"

    rule_id = fields.Many2one(
        comodel_name="complaint.rule",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    received_count = fields.Integer(string="Received", readonly=True)
    fitting_count = fields.Integer(string="Would apply to", readonly=True)
    share = fields.Float(readonly=True, digits=(16, 1))
    is_cut = fields.Boolean(readonly=True)
    case_ids = fields.Many2many(
        comodel_name="complaint.case", string="Complaints", readonly=True
    )

    @api.model
    def _try(self, rule):
        """:return: the trial of a rule, done"""
        since = fields.Datetime.now() - timedelta(days=DAYS)
        companies = rule.company_id or self.env.companies
        cases = self.env["complaint.case"].search_fetch(
            [("date_received", ">=", since), ("company_id", "in", companies.ids)],
            _READ,
            order="date_received desc, id desc",
            limit=MAX_CASES + 1,
        )
        tried = cases[:MAX_CASES]
        fitting = rule._fitting(tried)
        return self.create(
            {
                "rule_id": rule.id,
                "received_count": len(tried),
                "fitting_count": len(fitting),
                "share": 100 * len(fitting) / len(tried) if tried else 0,
                "is_cut": len(cases) > MAX_CASES,
                "case_ids": fitting.ids,
            }
        )

    def action_view_cases(self):
        """Open the complaints that the rule would apply to."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_case_action"
        )
        return action | {
            "name": self.rule_id.name,
            "domain": [("id", "in", self.case_ids.ids)],
            "context": {},
            "view_mode": "list,kanban,form",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
        }


class ComplaintRule(models.Model):
    _inherit = "complaint.rule"

    def action_try(self):
        """Show how many complaints of the last year the rule would apply to."""
        self.ensure_one()
        self.check_access("write")
        trial = self.env["complaint.rule.trial"]._try(self)
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_rule_trial_action"
        )
        return action | {"res_id": trial.id}

    def _fitting(self, cases):
        """Those of some complaints that the rule's conditions fit."""
        self.ensure_one()
        # sudo: what rules look at, such as orders, managers need not be able to see.
        rule, readable = self.sudo(), cases.sudo()
        fits = rule._compiled()
        asked = {name for name in COSTLY if rule[name]}
        return cases.browse(
            case.id
            for case in readable
            if fits(rule._facts(rule._draft_of(case), asked)) is not None
        )
