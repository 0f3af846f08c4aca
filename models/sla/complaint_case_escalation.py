from collections import defaultdict

from odoo import fields, models

from ..constants import PRIORITIES

_URGENT = PRIORITIES[-1][0]


class ComplaintCase(models.Model):
    """What is particular to complaints whose limits are escalated (C5)."""

    _inherit = "complaint.case"

    def _is_clocked(self):
        return self.active and self.phase != "closed"

    def _clocked_words(self):
        return {"number": self.name, "subject": self.subject}

    def _why_told(self):
        return {
            "handler": self.env._("You handle it."),
            "handler_manager": self.env._("The handler reports to you."),
        }

    def _escalation_raise(self, steps):
        """Raise the priority by one for each rung that says so (B4)."""
        raised = defaultdict(int)
        rungs = {}
        for step in steps:
            raised[step.clock._subject()] += 1
            rungs[step.clock._subject()] = step.rung
        groups = defaultdict(list)
        for case, times in raised.items():
            level = str(min(int(case.priority) + times, int(_URGENT)))
            if level != case.priority:
                groups[level, rungs[case]].append(case.id)
        for (level, rung), ids in groups.items():
            cases = self.browse(ids)
            cases._escalation_log(rung)
            cases.write({"priority": level})

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active"):
            # Archived complaints are not escalated: look at them afresh.
            # sudo: clocks are written by the system only.
            self.sudo().clock_ids.filtered(
                lambda clock: (
                    clock.state in ("running", "breached") and not clock.ended_at
                )
            ).write({"next_event_at": fields.Datetime.now()})
        return result
