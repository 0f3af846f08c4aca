from odoo import SUPERUSER_ID, fields, models
from odoo.tools import is_html_empty

CUSTOMER_TO_DO = "complaint_management.mail_activity_type_customer"


class ComplaintCase(models.Model):
    """Messages between customer and company, and what follows from them."""

    _inherit = "complaint.case"

    # Out ----------------------------------------------------------------------

    def _send_to_customer(self, template, message_type="comment"):
        """Post a template to the customer; the mail leaves through the queue.

        It is rendered in the customer's language and stays readable in the case.

        :return: {case: mail.message}; empty when there is no such template
        """
        source = self.env.ref(template, raise_if_not_found=False)
        if not source:
            # Somebody deleted it. What the mail was about must not fail with it.
            self._message_log_batch(
                bodies=dict.fromkeys(
                    self.ids,
                    self.env._(
                        "Nothing was sent: the mail template %(template)s is missing.",
                        template=template,
                    ),
                )
            )
            return {}
        # What the portal says to a customer is said by the company, not by the customer
        # whose request it is: the author of a message is not mailed.
        by_customer = self.env.user.share
        cases = self.with_user(SUPERUSER_ID) if by_customer else self
        return {
            case.with_env(self.env): case.message_post_with_source(
                source,
                message_type=message_type,
                subtype_xmlid="mail.mt_comment",
                email_layout_xmlid="complaint_management.mail_layout_customer",
                **(case._said_by_company(source) if by_customer else {}),
            )
            for case in cases.with_context(mail_notify_force_send=False)
        }

    def _said_by_company(self, template):
        """Author and sender of a mail. Only together: the composer computes both or
        none, and an author alone would leave the sender empty."""
        self.ensure_one()
        sender = template.with_user(SUPERUSER_ID)._render_field("email_from", self.ids)
        return {
            "author_id": self.company_id.partner_id.id,
            "email_from": sender[self.id],
        }

    def _send_or_note(self, template):
        """Send a template to the customers, or note that it must go by post (E4)."""
        reachable = self.filtered("partner_id.email_normalized")
        reachable._send_to_customer(template)
        note = self.env._(
            "The complainant has no valid e-mail address: print the letter and send it "
            "by post."
        )
        unreachable = self - reachable
        unreachable._message_log_batch(bodies=dict.fromkeys(unreachable.ids, note))

    def _log_reason(self, title, reason):
        bodies = {case.id: case._reason_body(title, reason) for case in self}
        self._message_log_batch(bodies=bodies)

    def _reason_body(self, title, reason):
        if is_html_empty(reason):
            return title
        return self.env._("%(title)s: %(reason)s", title=title, reason=reason)

    # In -----------------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_values):
        """A message that the customer sees or wrote is part of the dialogue."""
        result = super()._message_post_after_hook(message, msg_values)
        is_dialogue = (
            message.message_type in ("comment", "email", "email_outgoing")
            and message.subtype_id
            and not message.subtype_id.internal
            and not message.is_internal
        )
        if is_dialogue:
            # sudo: a customer's message changes when silence began.
            self.sudo()._note_dialogue(message)
        return result

    def _note_dialogue(self, message):
        self.ensure_one()
        self.last_dialogue_at = message.date or fields.Datetime.now()
        if self.phase == "answered":
            self._plan_silence()
        if message.author_id and not message.author_id.partner_share:
            self._stamp(["first_reply"], at=message.date)
            return
        self._resume_on_reply()
        if not self._alert_reaction(message) and self.phase == "closed":
            self._alert_handler(
                self.env._("The customer wrote after the complaint was closed.")
            )

    def _alert_handler(self, summary, note=None, to_do=CUSTOMER_TO_DO):
        """Ask the handler, else the team leader, to look at what the customer did.

        :param str to_do: external id of the type of to-do
        """
        for case in self:
            responsible = case.user_id or case.team_id.user_id
            # sudo: who is involved is hidden; it must hold all the same.
            if responsible in case.sudo().involved_user_ids:
                responsible = case._clock_responsibles()[case]
            case.activity_schedule(
                to_do,
                summary=summary,
                note=note,
                user_id=responsible.id or self.env.ref("base.user_admin").id,
            )

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Customers write to the case that they may read; staff need to work on it."""
        if message_operation == "create" and not self.env.user.share:
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    # Notifications ------------------------------------------------------------

    def _creation_subtype(self):
        return self.env.ref("complaint_management.mt_case_received")

    def _track_subtype(self, initial_values):
        self.ensure_one()
        if "stage_id" in initial_values:
            # Not env.ref(), which asks the database for each case that moved.
            return self.env["mail.message.subtype"].browse(
                self.env["ir.model.data"]._xmlid_to_res_id(
                    "complaint_management.mt_case_stage"
                )
            )
        return super()._track_subtype(initial_values)
