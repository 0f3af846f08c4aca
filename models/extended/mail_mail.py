from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """A notice whose mail could not be sent is shown to managers as failed (C5)."""
        if failure_type:
            # sudo: the mail queue of any user; notices are written by the system only.
            notices = self.env["complaint.notice"].sudo()
            for notice in notices.search([("mail_id", "in", self.ids)]):
                reason = failure_reason or notice.mail_id.failure_reason
                notice.write(
                    {
                        "state": "failed",
                        "problem": self.env._(
                            "The mail could not be sent: %(reason)s",
                            reason=reason or failure_type,
                        ),
                    }
                )
        return super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )
