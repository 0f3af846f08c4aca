from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..case.complaint_case_checklist import Point
from .complaint_answer import CHANNELS, FAILED, TO_POST

ANSWER_MAIL = "complaint_management.mail_template_case_answer"
ANSWER_LETTER = "complaint_management.report_complaint_resolution"


class ComplaintCase(models.Model):
    """The answer goes out by the way that was chosen, and what became of it (E4)."""

    _inherit = "complaint.case"

    answer_channel = fields.Selection(
        selection=CHANNELS,
        string="Answer goes by",
        copy=False,
        groups="base.group_user",
        help="By mail where the complainant has a valid address, else by letter, "
        "unless something is chosen.",
    )
    answer_note = fields.Char(
        string="How it is handed over",
        copy=False,
        groups="base.group_user",
        help="Number of the registered letter, whom you spoke to.",
    )
    is_answer_undelivered = fields.Boolean(
        string="Answer not delivered",
        compute="_compute_is_answer_undelivered",
        search="_search_is_answer_undelivered",
        groups="base.group_user",
    )
    is_letter_to_post = fields.Boolean(
        compute="_compute_is_answer_undelivered", groups="base.group_user"
    )
    answer_failure = fields.Char(
        compute="_compute_is_answer_undelivered", groups="base.group_user"
    )

    # What became of it ----------------------------------------------------------------

    def _compute_is_answer_undelivered(self):
        for case in self:
            # sudo: whoever sees the complaint may know that its answer did not arrive.
            given = case.sudo().answer_ids.filtered(
                lambda row, case=case: row.round == case.round
            )
            failed = given.filtered(lambda row: row.delivery == "failed")
            case.is_letter_to_post = given.delivery == "to_post"
            case.is_answer_undelivered = bool(failed)
            case.answer_failure = failed[:1].failure

    @api.model
    def _search_is_answer_undelivered(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        wanted = {bool(item) for item in value}
        if len(wanted) != 1:
            return Domain(len(wanted) == (2 if operator == "in" else 0))
        # sudo: what is found is filtered by the rights on complaints.
        notifications = self.env["mail.notification"].sudo()
        messages = notifications._search(
            [("notification_status", "in", FAILED)]
        ).subselect("mail_message_id")
        answers = self.env["complaint.answer"].sudo()  # sudo: as above.
        failed = Domain(
            "id",
            "in",
            answers._search([("message_id", "in", messages)]).subselect("case_id"),
        )
        return failed if (True in wanted) == (operator == "in") else ~failed

    # Choosing the way -----------------------------------------------------------------

    def action_prepare_answer(self):
        """Open the checklist of the answer, from which it is sent."""
        return self._open_checklist("answered")

    def action_prepare_close(self):
        """Close the complaint, or show what is missing for it."""
        self.ensure_one()
        self.check_access("write")
        if not self._missing_for("closed"):
            return self.action_close()
        return self._open_checklist("closed")

    def _open_checklist(self, phase):
        self.ensure_one()
        self.check_access("write")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_answer_wizard_action"
        )
        if phase == "closed":
            action["name"] = self.env._("Not ready to be closed")
        return action | {
            "context": {"default_case_id": self.id, "default_phase": phase}
        }

    def _answer_way(self):
        self.ensure_one()
        if self.answer_channel:
            return self.answer_channel
        return "mail" if self.partner_id.email_normalized else "letter"

    def _missing_to_answer(self):
        missing = super()._missing_to_answer()
        if self.answer_channel == "mail" and not self.partner_id.email_normalized:
            missing.append(
                Point(
                    self.env._(
                        "the complainant has no valid e-mail address: enter it, or "
                        "choose another way for the answer."
                    )
                )
            )
        if self.answer_channel == "person" and not self.answer_note:
            missing.append(Point(self.env._("say whom you told the answer, and how.")))
        return missing

    # On its way -----------------------------------------------------------------------

    def _kept_answer_values(self):
        return super()._kept_answer_values() | {
            "channel": self._answer_way(),
            "delivery_note": self.answer_note,
        }

    def _send_answer(self):
        """Give the answer to the customers, each by the chosen way (E4)."""
        for way, cases in self.grouped(lambda case: case._answer_way()).items():
            messages = getattr(cases, f"_answer_by_{way}")()
            for case, message in messages.items():
                # sudo: the way it went is kept by the door only, by nobody's hand.
                answer = case.sudo().answer_ids.filtered(
                    lambda row, case=case: row.round == case.round
                )
                answer.message_id = message

    def _answer_by_mail(self):
        return self._send_to_customer(ANSWER_MAIL)

    def _answer_by_letter(self):
        """Print the letter; the handler is asked to post it."""
        responsible = self._clock_responsibles()
        for case in self.filtered(responsible.get):
            # sudo: a to-do, also when the customer's page or a robot sends it.
            case.sudo().activity_schedule(TO_POST, user_id=responsible[case].id)
        return {case: case._answer_letter() for case in self}

    def _answer_letter(self):
        """Keep the letter as it was printed, in the complaint."""
        self.ensure_one()
        if self.partner_id.email_normalized:
            text = self.env._("The answer goes by letter: post it.")
        else:
            text = self.env._(
                "The complainant has no valid e-mail address: print the letter and "
                "send it by post."
            )
        # sudo: printing takes what handlers need not read.
        content, kind = (
            self.env["ir.actions.report"]
            .sudo()
            ._render_qweb_pdf(ANSWER_LETTER, self.ids)
        )
        name = f"{self._letter_file_name('resolution')}.{kind}"
        return self.message_post(body=text, attachments=[(name, content)])

    def _answer_by_person(self):
        return {
            case: case._message_log(
                body=self.env._(
                    "The answer was given by telephone or in person: %(note)s",
                    note=case.answer_note or "",
                )
            )
            for case in self
        }

    # Kept as it was -------------------------------------------------------------------

    def _check_can_update_message_content(self, messages):
        """What was sent as an answer is on record, also in the chatter."""
        # sudo: messages of answers, whoever edits.
        if messages & self.sudo().answer_ids.message_id:
            raise UserError(
                self.env._(
                    "An answer that was given is a record and cannot be changed."
                )
            )
        return super()._check_can_update_message_content(messages)

    def _open_round(self):
        result = super()._open_round()
        if self:
            self.write({"answer_channel": False, "answer_note": False})
        return result
