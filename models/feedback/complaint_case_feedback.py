from odoo import api, fields, models

from .complaint_feedback import LEVELS, score_aggregate


class ComplaintCase(models.Model):
    """Satisfaction: what the customer is asked after closing, and what they said."""

    _inherit = "complaint.case"

    feedback_ids = fields.One2many(
        comodel_name="complaint.feedback",
        inverse_name="case_id",
        string="Satisfaction surveys",
        groups="base.group_user",
    )
    satisfaction_score = fields.Float(
        string="Satisfaction",
        digits=(4, 2),
        compute="_compute_satisfaction",
        store=True,
        precompute=True,
        aggregator="avg",
        groups="base.group_user",
        help="Of the latest survey that the customer answered, from 1 to 10.",
    )
    satisfaction_level = fields.Selection(
        selection=LEVELS,
        string="Satisfaction verdict",
        compute="_compute_satisfaction",
        store=True,
        precompute=True,
        groups="base.group_user",
    )

    @api.depends(
        "feedback_ids.state",
        "feedback_ids.answered_at",
        "feedback_ids.score",
        "feedback_ids.level",
    )
    def _compute_satisfaction(self):
        for case in self:
            answered = case.feedback_ids.filtered(lambda f: f.state == "answered")
            latest = answered.sorted("answered_at")[-1:]
            case.satisfaction_score = latest.score
            case.satisfaction_level = latest.level

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec.startswith("satisfaction_score:"):
            return score_aggregate(
                self, aggregate_spec, query, super()._read_group_select
            )
        return super()._read_group_select(aggregate_spec, query)

    def _feedback_plan(self):
        """Plan a survey for each complaint that was just closed (F1, F2).

        It goes out the company's number of days after closing. A complaint that is
        not surveyed gets a cancelled survey that tells why, so that "why was this
        customer not asked" has an answer. History brought in from another register
        is not surveyed at all. Costs a fixed number of queries, and never fails:
        whatever is wrong with a questionnaire shows when it would be sent.
        """
        now = fields.Datetime.now()
        # sudo: a customer who accepts an answer closes the case; surveys are nobody's
        # to write.
        cases = self.sudo().filtered(lambda case: case._feedback_is_wanted(now))
        planned = self.env["complaint.feedback"].sudo()
        present = planned.search([("case_id", "in", cases.ids)])
        by_round = {(f.case_id.id, f.round): f for f in present}
        vals_list = []
        for case in cases:
            feedback = by_round.get((case.id, case.round))
            vals = case._feedback_values(now)
            if not feedback:
                vals_list.append(vals)
            elif feedback.state == "cancelled" and not feedback.sent_at:
                # Closed again in the same round, before anything was sent.
                feedback.write(vals)
                planned |= feedback
        planned |= planned.create(vals_list)
        planned._cancel_uninvited()

    def _feedback_is_wanted(self, now):
        """Whether the survey is switched on and the closing is recent enough."""
        company = self.company_id
        if self._is_history() or not company.complaint_feedback_enabled:
            return False
        days = (
            company.complaint_feedback_delay_days
            + company.complaint_feedback_expiry_days
        )
        oldest = fields.Datetime.subtract(now, days=days)
        return (self.closed_at or now) >= oldest

    def _feedback_values(self, now):
        delay = self.company_id.complaint_feedback_delay_days
        planned_at = fields.Datetime.add(self.closed_at or now, days=delay)
        return {
            "case_id": self.id,
            "round": self.round,
            "partner_id": self.partner_id.id,
            "email": self.email_normalized,
            "order_id": self.order_id.id,
            "team_id": self.team_id.id,
            "user_id": self.user_id.id,
            "company_id": self.company_id.id,
            "state": "planned",
            "cancel_reason": False,
            "planned_at": planned_at,
            "next_event_at": planned_at,
        }

    def _feedback_cancel(self):
        """Cancel the surveys of complaints that are open again; answers stay (F2)."""
        # sudo: as in planning.
        self.env["complaint.feedback"].sudo().search(
            [("case_id", "in", self.ids), ("state", "in", ("planned", "sent"))]
        )._cancel("reopened")
