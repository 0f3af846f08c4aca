from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..searching import yes_or_no

SUPERVISOR = "complaint_management.group_supervisor"


class ComplaintClockedMixin(models.AbstractModel):
    """What happens to something when its limits are escalated (C5)."""

    _inherit = "complaint.clocked.mixin"

    is_escalated = fields.Boolean(
        string="Escalated",
        compute="_compute_escalation",
        search="_search_is_escalated",
        groups="base.group_user",
        help="A limit was escalated, and nobody has acknowledged it yet.",
    )
    escalation_text = fields.Char(
        string="Escalation", compute="_compute_escalation", groups="base.group_user"
    )
    may_acknowledge = fields.Boolean(
        compute="_compute_may_acknowledge",
        groups="base.group_user",
        help="You were told of the escalation, or are a supervisor.",
    )
    escalation_held_until = fields.Datetime(
        string="Held until",
        compute="_compute_escalation",
        groups="base.group_user",
        help="Somebody acknowledged the escalation: until then nobody else is told.",
    )

    @api.depends(
        "clock_ids.ended_at",
        "clock_ids.escalated_at",
        "clock_ids.escalated_to_id",
        "clock_ids.acknowledged_at",
        "clock_ids.acknowledged_until",
    )
    @api.depends_context("lang")
    def _compute_escalation(self):
        now = fields.Datetime.now()
        clocks_model = self.env["complaint.sla.clock"]
        milestones = dict(
            clocks_model._fields["milestone"]._description_selection(self.env)
        )
        for case in self:
            # sudo: who may see it may know of its limits.
            escalated = case.sudo().clock_ids.filtered(
                lambda clock: clock.escalated_at and not clock.ended_at
            )
            case.is_escalated = any(not clock.acknowledged_at for clock in escalated)
            case.escalation_text = "; ".join(
                self.env._(
                    "%(milestone)s to %(person)s",
                    milestone=milestones[clock.milestone],
                    person=clock.escalated_to_id.name or "",
                )
                for clock in escalated.sorted("escalated_at", reverse=True)
            )
            held = [
                until
                for until in escalated.mapped("acknowledged_until")
                if until and until > now
            ]
            case.escalation_held_until = bool(held) and max(held)

    @api.depends("clock_ids.escalated_at")
    @api.depends_context("uid")
    def _compute_may_acknowledge(self):
        for case in self:
            case.may_acknowledge = case._may_acknowledge()

    @api.model
    def _search_is_escalated(self, operator, value):
        escalated = Domain(
            "clock_ids",
            "any",
            [
                ("escalated_at", "!=", False),
                ("acknowledged_at", "=", False),
                ("ended_at", "=", False),
            ],
        )
        return yes_or_no(operator, value, escalated)

    # Carrying out what rungs say ----------------------------------------------------

    def _escalate(self, steps, now):
        """Do what the rungs say that were just climbed on these cases.

        :param list steps: of Step, in the order in which they are taken
        """
        handovers = self._escalation_handovers(steps)
        self.env["complaint.notice"]._queue(steps, handovers, now)
        self._escalation_to_dos([step for step in steps if step.rung.do_activity])
        self._escalation_hand_over(handovers)
        self._escalation_raise([step for step in steps if step.rung.do_raise_priority])

    def _escalation_handovers(self, steps):
        """{case: the step by which another person becomes its handler}; the last one
        where several do."""
        handovers = {}
        handled = {}
        for step in steps:
            case, person = step.clock._subject(), step.person
            if not step.rung.do_reassign:
                continue
            if person not in handled:
                handled[person] = self._handled_by(person)
            if case in handled[person] and person != case.user_id:
                handovers[case] = step
        return handovers

    def _escalation_hand_over(self, handovers):
        groups = defaultdict(list)
        for case, step in handovers.items():
            groups[step.person, step.rung].append(case.id)
        for (person, rung), ids in groups.items():
            # Told by the notice, with everything else, in one mail.
            cases = self.browse(ids).with_context(
                mail_auto_subscribe_no_notify=True,
                complaint_handover={"kind": "escalation", "note": rung.display_name},
            )
            cases._escalation_log(rung)
            cases.write({"user_id": person.id})

    def _escalation_raise(self, steps):
        """Raise the priority where there is one."""

    def _escalation_log(self, rung):
        """Say in the chatter why the change that follows was made."""
        self._track_set_log_message(
            self.env._("Escalated. %(rung)s", rung=rung.display_name)
        )

    # Acknowledging --------------------------------------------------------------------

    def action_acknowledge_escalation(self):
        """I look after it: do not tell the next person up for a while (C5)."""
        self.check_access("read")
        for case in self:
            if not case._may_acknowledge():
                raise AccessError(
                    self.env._(
                        "%(complaint)s was escalated to somebody else. Who was told "
                        "acknowledges it, or a supervisor.",
                        complaint=case.display_name,
                    )
                )
        self._acknowledge_escalation()
        return True

    def _may_acknowledge(self):
        """Whether the user may keep an escalation from going to the next person."""
        self.ensure_one()
        if self.env.su or self.env.user.has_group(SUPERVISOR):
            return True
        # sudo: who was told is in the ledgers of the limits.
        events = self.sudo().clock_ids.filtered(lambda one: not one.ended_at).event_ids
        return self.env.user in events.recipient_id

    def _acknowledge_escalation(self):
        # sudo: clocks are written by the system only; who did it is in the ledger.
        clocks = self.sudo().clock_ids._acknowledge()
        # The to-do was about looking at it.
        for subjects, _clocks in clocks._by_subject():
            subjects._escalation_to_dos_done(self.env.user)
