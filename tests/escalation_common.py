from datetime import timedelta

from odoo.tests import freeze_time

from .common import MODULE
from .sla_common import TUESDAY_NOON
from .test_due_jobs import DueCommon


class EscalationCommon(DueCommon):
    """A complaint that must be accepted within 8 hours from Tuesday noon, UTC.

    The handler's team leader is the supervisor, who reports to the boss. Quiet hours
    are off unless a test sets them.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.notice_cron = cls.env.ref(f"{MODULE}.ir_cron_notice")
        cls.escalation = cls.env.ref(f"{MODULE}.mail_activity_type_escalation")
        cls.boss = cls._user("boss", group="manager")
        cls.supervisor.complaint_manager_id = cls.boss
        cls.company.write({"complaint_quiet_from": 0, "complaint_quiet_to": 0})
        # Around the clock: a person may be told on any day.
        cls.team.calendar_id = cls._calendar("Open", tz="UTC")
        cls.env["resource.calendar.attendance"].create(
            [
                {
                    "name": "weekend",
                    "calendar_id": cls.team.calendar_id.id,
                    "dayofweek": str(day),
                    "hour_from": 9,
                    "hour_to": 17,
                }
                for day in (5, 6)
            ]
        )

    @classmethod
    def _rung(cls, at=100, who="leader", policy=None, hours=-24, **values):
        """A rung at a share of the limit, for the limit to accept by default.

        :param hours: when it is set up, counted from Tuesday noon
        """
        with freeze_time(TUESDAY_NOON + timedelta(hours=hours)):
            return cls.env["complaint.sla.escalation"].create(
                {
                    "policy_id": (policy or cls.policy).id,
                    "milestone": "accepted",
                    "at_percent": at,
                    "recipient": who,
                    **values,
                }
            )

    @classmethod
    def _rung_after(cls, hours, who="leader_manager", **values):
        return cls._rung(
            who=who,
            timing="after",
            offset_amount=hours,
            offset_unit="elapsed_hour",
            **values,
        )

    def _notices(self, cases):
        return self.env["complaint.notice"].search(
            [("case_id", "in", cases.ids)], order="id"
        )

    def _told(self, cases):
        """(person, rung) of each notice, in order."""
        return [
            (notice.user_id, notice.escalation_id) for notice in self._notices(cases)
        ]

    def _climbed(self, clock):
        """Rungs on the ledger, in order."""
        lines = clock.event_ids.filtered(lambda line: line.kind == "escalated")
        return lines.mapped("escalation_id")

    def _send(self, hours):
        """Run the job that sends the mails, so long after Tuesday noon.

        :return: the mails it queued
        """
        before = self.env["mail.mail"].search([])
        with (
            freeze_time(TUESDAY_NOON + timedelta(hours=hours)),
            self.enter_registry_test_mode(),
        ):
            self.notice_cron.method_direct_trigger()
        self.env.invalidate_all()
        return self.env["mail.mail"].search([("id", "not in", before.ids)], order="id")
