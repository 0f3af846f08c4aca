from odoo import fields, models

from .complaint_intake_failure import WAITING

TO_DO = "complaint_management.mail_activity_type_intake"


class ComplaintIntakeFailure(models.Model):
    """To-dos about held mail: one for each person, however many mails wait.

    About a mail that answers to a complaint it is the complaint's handler who looks,
    about any other the managers of the company.
    """

    _inherit = "complaint.intake.failure"

    def _alert(self):
        """See to it that somebody looks at those that wait."""
        kind = self.env.ref(TO_DO, raise_if_not_found=False)
        waiting = self.filtered(lambda mail: mail.state in WAITING)
        if not kind or not waiting:
            return
        people = waiting._responsibles()
        # sudo: to-dos of other people.
        to_dos = self.env["mail.activity"].sudo()
        busy = to_dos.search(
            [
                ("activity_type_id", "=", kind.id),
                (
                    "user_id",
                    "in",
                    [user.id for users in people.values() for user in users],
                ),
            ]
        ).user_id
        values = []
        for mail, users in people.items():
            values += [
                {
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": mail.id,
                    "activity_type_id": kind.id,
                    "automated": True,
                    "summary": self.env._("Mail waits for a decision"),
                    "date_deadline": fields.Date.context_today(mail),
                    "user_id": user.id,
                }
                for user in users - busy
            ]
            busy |= users
        to_dos.with_context(mail_activity_quick_update=True).create(values)

    def _responsibles(self):
        """{mail: users who look at it}"""
        # sudo: whom to tell does not depend on who asks.
        mails = self.sudo()
        handlers = mails.case_id._clock_responsibles() if mails.case_id else {}
        managers = self._managers()
        return {
            mail: handlers.get(mail.case_id) or managers[mail.company_id]
            for mail in mails
        }

    def _managers(self):
        """{company: its managers}, the administrator where there is none"""
        managers = self.env["res.users"].search(
            [
                (
                    "all_group_ids",
                    "in",
                    self.env.ref("complaint_management.group_manager").ids,
                ),
                ("company_ids", "in", self.company_id.ids),
            ]
        )
        return {
            company: managers.filtered(
                lambda user, company=company: company in user.company_ids
            )
            or self.env.ref("base.user_admin")
            for company in self.company_id
        }

    def _alert_done(self):
        """Take away the to-dos about these; if others wait, ask for the next one."""
        kind = self.env.ref(TO_DO, raise_if_not_found=False)
        # sudo: to-dos of other people.
        self.env["mail.activity"].sudo().search(
            [
                ("activity_type_id", "=", kind.id if kind else 0),
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
            ]
        ).unlink()
        self.search(
            [("state", "in", WAITING), ("company_id", "in", self.company_id.ids)],
            order="id",
            limit=100,
        )._alert()
