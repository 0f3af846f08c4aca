from odoo import api, fields, models

from .complaint_feedback import LEVELS, WAITING, score_aggregate


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
        "feedback_ids.counts",
        "feedback_ids.answered_at",
        "feedback_ids.score",
        "feedback_ids.level",
    )
    def _compute_satisfaction(self):
        for case in self:
            answered = case.feedback_ids.filtered("counts")
            latest = answered.sorted("answered_at")[-1:]
            case.satisfaction_score = latest.score
            case.satisfaction_level = latest.level

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec.startswith("satisfaction_score:"):
            return score_aggregate(
                self, aggregate_spec, query, super()._read_group_select
            )
        return super()._read_group_select(aggregate_spec, query)

    def _stamp(self, milestones, at=None):
        stamped = super()._stamp(milestones, at)
        for event in ("first_reply", "resolved"):
            rows = stamped.filtered(lambda row, event=event: row.milestone == event)
            rows.case_id._feedback_plan(event)
        return stamped

    def _feedback_plan(self, event="closed"):
        """Plan surveys for complaints to which something just happened (F1, F2).

        They go out so many days later as the touch-points of the company say. A
        complaint that is not surveyed gets a cancelled survey that tells why, so that
        "why was this customer not asked" has an answer. History brought in from
        another register is not surveyed at all. Costs a fixed number of queries, and
        never fails: whatever is wrong with a questionnaire shows when it would be sent.

        :param str event: a milestone
        """
        now = fields.Datetime.now()
        # sudo: a customer who accepts an answer closes the case; surveys are nobody's
        # to write.
        cases = self.sudo().filtered(lambda case: case._feedback_is_on())
        if not cases:
            return
        rows = self.env["complaint.touchpoint"]._of_event(event, cases.company_id)
        if not any(rows.values()):
            return
        planned = self.env["complaint.feedback"].sudo()
        present = planned.search([("case_id", "in", cases.ids)])
        held = {(f.case_id, f.round, f.touchpoint): f for f in present}
        vals_list = []
        for case in cases:
            for row in rows[case.company_id]:
                if not case._feedback_is_recent(event, row, now):
                    continue
                feedback = held.get((case, case.round, row.touchpoint))
                vals = case._feedback_values(event, row, now)
                if not feedback:
                    vals_list.append(vals)
                elif feedback.state == "cancelled" and not feedback.sent_at:
                    # Closed again in the same round, before anything was sent.
                    feedback.write(vals)
                    planned |= feedback
        planned |= planned.create(vals_list)
        planned._cancel_uninvited()

    def _feedback_is_on(self):
        company = self.company_id
        return not self._is_history() and company.complaint_feedback_enabled

    def _feedback_event_at(self, event, now):
        return self[f"{event}_at"] or now

    def _feedback_is_recent(self, event, touchpoint, now):
        """Whether what happened is recent enough to be asked about."""
        expiry = self.company_id.complaint_feedback_expiry_days
        days = touchpoint.delay_days + expiry
        oldest = fields.Datetime.subtract(now, days=days)
        return self._feedback_event_at(event, now) >= oldest

    def _feedback_values(self, event, touchpoint, now):
        planned_at = fields.Datetime.add(
            self._feedback_event_at(event, now), days=touchpoint.delay_days
        )
        return {
            "case_id": self.id,
            "round": self.round,
            "touchpoint": touchpoint.touchpoint,
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
            [("case_id", "in", self.ids), ("state", "in", WAITING)]
        )._cancel("reopened")
