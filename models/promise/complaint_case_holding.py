from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.calendars import CalendarBook
from .complaint_case_promise import INFORMED_PHASES

CUSTOMER_LAYOUT = "complaint_management.mail_layout_customer"
HOLDING_LETTER = "complaint_management.mail_template_case_holding"


class ComplaintCase(models.Model):
    """The holding letter: where the complaint stands while it takes longer (I4)."""

    _inherit = "complaint.case"

    def action_send_holding_letter(self):
        """Send the holding letter as it stands, in the customer's language."""
        self.check_access("write")
        for case in self:
            case._check_holding_letter()
            if not case.partner_id.email_normalized:
                raise UserError(
                    self.env._(
                        "%(complaint)s: the complainant has no valid e-mail address. "
                        "Print the holding letter or call, then press “Told by phone "
                        "or letter”.",
                        complaint=case.display_name,
                    )
                )
        self._send_to_customer(HOLDING_LETTER)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The holding letter is on its way. The promise counts as kept once "
                    "the mail has left."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_edit_holding_letter(self):
        """Open the holding letter as a message that can be changed before it goes."""
        self.ensure_one()
        self.check_access("write")
        self._check_holding_letter()
        template = self.env.ref(HOLDING_LETTER, raise_if_not_found=False)
        return self._compose_action(default_template_id=template and template.id)

    def action_update_told(self):
        """The customer was told otherwise, by phone or by letter."""
        self.check_access("write")
        for case in self:
            case._check_holding_letter()
        note = self.env._(
            "The customer was told where the complaint stands, by phone or by letter."
        )
        self._message_log_batch(bodies=dict.fromkeys(self.ids, note))
        self._promises_keep(fields.Datetime.now())
        return True

    def _check_holding_letter(self):
        if self.phase not in INFORMED_PHASES:
            raise UserError(
                self.env._(
                    "%(complaint)s is not being worked on: there is nothing to say "
                    "between acceptance and answer.",
                    complaint=self.display_name,
                )
            )

    def _compose_action(self, **context):
        """The dialogue in which a message to the customer is written."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write to the customer"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_composition_mode": "comment",
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_partner_ids": self.partner_id.ids,
                "default_subtype_id": self.env.ref("mail.mt_comment").id,
                "default_email_layout_xmlid": CUSTOMER_LAYOUT,
                "mail_notify_force_send": False,
                **context,
            },
        }

    # For templates --------------------------------------------------------------------

    def _letter_stand(self):
        """Where the complaint stands, as a sentence in the customer's language."""
        self.ensure_one()
        # sudo: what the letter names, nothing else.
        case = self.sudo().with_context(lang=self._letter_lang())
        return {
            "accepted": case.env._(
                "Somebody looks after your complaint and is examining it."
            ),
            "investigating": case.env._(
                "We are finding out what happened. This takes longer than we hoped."
            ),
            "resolving": case.env._(
                "We know what happened and are working on what we can offer you."
            ),
        }.get(case.phase, "")

    def _letter_next_update(self, book=None):
        """Until when the customer hears from us, if they are told today.

        :param book: CalendarBook shared by whoever asks for many complaints
        :return: text in the customer's language; empty when nothing is promised
        """
        self.ensure_one()
        # sudo: the draft is the same whoever asks for it.
        case = self.sudo()
        if not case._promise_days():
            return ""
        plan = case._promise_plan(fields.Datetime.now(), book or CalendarBook(self.env))
        return case._letter_time(plan["due_at"])

    def _letter_file_name(self, kind):
        if kind == "holding":
            return self.env._(
                "Holding letter of complaint %(number)s",
                number=self.name.replace("/", "-"),
            )
        return super()._letter_file_name(kind)
