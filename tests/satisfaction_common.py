from datetime import datetime, timedelta

from odoo.tests import freeze_time

from .common import ComplaintCommon

NOW = datetime(2026, 3, 20, 12, 0)
DAY = timedelta(days=1)
NO_ANSWER = {"state": "expired"}


class SatisfactionCommon(ComplaintCommon):
    """No survey but what a test makes; 20 March 2026, everybody in UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.env["complaint.feedback"].search([]).unlink()
        cls.env["res.users"].search([]).tz = "UTC"
        cls.rows = cls.env["complaint.feedback.report"]

    @classmethod
    def _survey(cls, asked=NOW - 5 * DAY, case=None, **values):
        """A survey as it stands after it was sent, by default with an answer."""
        case = case or cls._case(user_id=cls.handler.id)
        state = values.get("state", "answered")
        answered = asked + DAY if state == "answered" else False
        return cls.env["complaint.feedback"].create(
            {
                "case_id": case.id,
                "partner_id": case.partner_id.id,
                "team_id": case.team_id.id,
                "user_id": case.user_id.id,
                "company_id": case.company_id.id,
                "state": state,
                "planned_at": asked,
                "sent_at": asked,
                "answered_at": answered,
                **values,
            }
        )

    @classmethod
    def _said(cls, level, score, **values):
        return cls._survey(level=level, score=score, **values)

    def _figures(self, surveys, *fields, user=None):
        """What a pivot shows for surveys."""
        self.env.invalidate_all()
        [row] = self.rows.with_user(user or self.manager).formatted_read_group(
            [("feedback_id", "in", surveys.ids)], [], fields
        )
        return [row[field] for field in fields]
