from odoo.tests import freeze_time

from .common import MODULE
from .sla_common import TUESDAY_NOON, SlaCommon


class PauseCommon(SlaCommon):
    """The shipped reasons, and words for pausing and going on at a moment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer_reason = cls.env.ref(f"{MODULE}.pause_reason_customer")
        cls.appointment = cls.env.ref(f"{MODULE}.pause_reason_appointment")
        cls.department = cls.env.ref(f"{MODULE}.pause_reason_department")

    def _open(self, moment=TUESDAY_NOON, **values):
        with freeze_time(moment):
            return self._case(user_id=self.handler.id, **values)

    def _pause(self, cases, moment, reason=None, **values):
        with freeze_time(moment):
            cases.with_user(self.handler)._pause(
                reason or self.customer_reason, **values
            )

    def _resume(self, cases, moment):
        with freeze_time(moment):
            cases.with_user(self.handler).action_resume()
