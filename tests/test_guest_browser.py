from unittest.mock import patch

from odoo.tests import tagged

from ..controllers import guest_form
from .guest_common import GuestCommon


@tagged("post_install", "-at_install")
class TestGuestBrowser(GuestCommon):
    """The whole way of somebody without an account, on a phone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_story(self):
        with patch.object(guest_form, "LEAST_SECONDS", 0):
            self.start_tour("/complaints/new", "complaint_guest_send", timeout=90)
        case = self.env["complaint.case"].search([("is_guest", "=", True)])
        self.assertEqual(len(case), 1)
        self.assertRecordValues(
            case,
            [
                {
                    "guest_name": "Gus Guest",
                    "behalf_name": "Ida Infirm",
                    "guest_order_number": "S00042",
                    "consent_id": self.consent.id,
                }
            ],
        )
        [message] = case.message_ids.filtered(lambda one: "red one" in one.body)
        self.assertFalse(message.author_id)
        case.write(
            {
                "user_id": self.handler.id,
                "category_id": self.category.id,
                "answer": "<p>We replace it.</p>",
            }
        )
        case.with_user(self.handler).action_answer()
        code = case._tracking_code()
        self.start_tour(
            f"/complaints/track?number={case.name}#{code}",
            "complaint_guest_follow",
            timeout=90,
        )
        self.assertEqual((case.phase, case.outcome), ("closed", "settled"))
