from datetime import datetime

from odoo import Command

from .common import ComplaintCommon

# 2026-03-10 is a Tuesday.
TUESDAY_NOON = datetime(2026, 3, 10, 12, 0, 0)
FRIDAY_NOON = datetime(2026, 3, 13, 12, 0, 0)


class SlaCommon(ComplaintCommon):
    """Office hours 9-12 and 13-17 UTC, Monday to Friday; shipped policies off."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._calendar("Office")
        cls.team.calendar_id = cls.calendar
        cls.shipped = cls.env["complaint.sla.policy"].search([])
        cls.shipped.active = False

    @classmethod
    def _calendar(cls, name, **values):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": "UTC",
                "company_id": False,
                "attendance_ids": [
                    Command.create(
                        {
                            "name": "shift",
                            "dayofweek": str(day),
                            "hour_from": begin,
                            "hour_to": end,
                        }
                    )
                    for day in range(5)
                    for begin, end in ((9, 12), (13, 17))
                ],
                **values,
            }
        )

    @classmethod
    def _policy(cls, *limits, **values):
        """A policy; limits as (milestone, amount, unit, other values)."""
        return cls.env["complaint.sla.policy"].create(
            {
                "name": "Policy",
                "target_ids": [
                    Command.create(
                        {
                            "milestone": milestone,
                            "amount": amount,
                            "unit": unit,
                            **(other[0] if other else {}),
                        }
                    )
                    for milestone, amount, unit, *other in limits
                ],
                **values,
            }
        )

    def _received(self, moment=TUESDAY_NOON, **values):
        return self._case(date_received=moment, **values)

    def _kinds(self, clock):
        return clock.event_ids.mapped("kind")
