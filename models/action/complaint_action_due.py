from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_action_way import TO_DO

#: How long whoever accepts has, until somebody above is told.
ACCEPTANCE = timedelta(days=7)
_DAY = timedelta(days=1)


class ComplaintAction(models.Model):
    """What comes due after the work: the acceptance that nobody gave, and the check of
    the effect, which ends in a judgement (E3)."""

    _name = "complaint.action"
    _inherit = ["complaint.action", "complaint.due.mixin"]

    def _report_done(self, *args, **kwargs):
        result = super()._report_done(*args, **kwargs)
        self._set(next_event_at=self.done_at + ACCEPTANCE)
        return result

    def _reject(self, *args, **kwargs):
        result = super()._reject(*args, **kwargs)
        self._set(next_event_at=False)
        return result

    def _plan_check(self):
        """When complaints can be compared; called when it was accepted."""
        self.ensure_one()
        if not self.needs_check:
            self._set(next_event_at=False)
            return
        last = self._day(self.accepted_at) + timedelta(days=7 * self.check_weeks)
        self._plan_check_on(last + timedelta(days=1))

    def _plan_check_on(self, day):
        begin = self._end_of(day - timedelta(days=1), self._zone())
        self._set(check_on=day, next_event_at=begin)

    def _process_event(self, now):
        """Tell who is above that the acceptance is late, or count and ask to judge."""
        self.ensure_one()
        one = self.sudo()  # sudo: scheduled.
        one.next_event_at = False
        if one.state == "done":
            # sudo: to-dos of others.
            above = one._supervisor_who(lambda person: person != one.user_id)
            one._to_do(
                above,
                self.env._("Nobody has accepted it yet: %(measure)s", measure=one.name),
            )
        elif one.state == "accepted" and one.check_on:
            one._count()
            one._to_do(
                one.acceptor_id,
                self.env._("Judge the effect: %(measure)s", measure=one.name),
                note=one.effect_text,
            )

    # Judging --------------------------------------------------------------------------

    may_judge = fields.Boolean(compute="_compute_may_judge")

    @api.depends("state", "check_on", "user_id", "acceptor_id")
    @api.depends_context("uid")
    def _compute_may_judge(self):
        for one in self:
            # On the day on which it was accepted there is nothing to compare.
            one.may_judge = (
                one.state == "accepted"
                and bool(one.check_on)
                and one._day(one.accepted_at) < one._day(fields.Datetime.now()) - _DAY
                and not one._acceptance_obstacle()
            )

    def _operations(self):
        return super()._operations() | {
            "effective": self._judge_effective,
            "ineffective": self._judge_ineffective,
            "recheck": self._recheck,
        }

    def action_count(self):
        """Compare complaints before and after now, as far as time allows."""
        for one in self:
            one._check_may_judge()
            one._count()
        return True

    def _check_may_judge(self):
        """Somebody else than the owner, when it was accepted."""
        self._check_state("accepted")
        self.check_access("read")
        if not self.check_on:
            raise UserError(
                self.env._(
                    "“%(measure)s” was planned without a check of its effect.",
                    measure=self.name,
                )
            )
        obstacle = self._acceptance_obstacle()
        if obstacle:
            raise UserError(
                self.env._(
                    "Whoever accepts “%(measure)s”, or a supervisor, judges its "
                    "effect; never its owner.",
                    measure=self.name,
                )
            )

    def _judge(self, state, text, files=None):
        self._check_may_judge()
        self._count()
        self._set(
            state=state,
            judged_at=fields.Datetime.now(),
            judged_by_id=self.env.uid,
            next_event_at=False,
        )
        self._note(state, "\n\n".join(filter(None, [text, self.effect_text])), files)
        self._end_to_dos()

    def _judge_effective(self, text, files=None, **_rest):
        self._judge("effective", text, files)
        self._tell_case(
            self.env._("Corrective action effective: %(measure)s", measure=self.name)
        )

    def _judge_ineffective(self, text, files=None, **_rest):
        """It did not work: another measure is planned in its place."""
        self._judge("ineffective", text, files)
        # sudo: who judges need not be able to plan; the plan is for who handles it.
        new = self.sudo().copy(
            {
                "name": self.env._("Follow-up: %(measure)s", measure=self.name),
                "deadline": False,
                "origin_id": self.id,
            }
        )
        body = self.env._(
            "Corrective action not effective: %(measure)s. Plan what follows.",
            measure=self.name,
        )
        new._tell_case(body)
        # sudo: as above.
        new.case_id.sudo()._alert_handler(body, note=text, to_do=TO_DO)

    def _recheck(self, text, day=None, **_rest):
        """The numbers do not tell yet: compare again on another day."""
        self._check_may_judge()
        if not day or day <= fields.Date.context_today(self):
            raise UserError(self.env._("Choose a day ahead on which it is checked."))
        weeks = -(-(day - self._day(self.accepted_at)).days // 7)
        self._set(check_weeks=min(max(weeks, self.check_weeks), 104))
        self._plan_check_on(day)
        self._note("recheck", text)
        self._end_to_dos()
