from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html

TO_DO = "complaint_management.mail_activity_type_callback"
SUPERVISOR = "complaint_management.group_supervisor"


class ComplaintCallback(models.Model):
    """The steps of a call-back: tried, ended with a result, handed over, late (F3).

    Every step is an entry of its history, with who and what was said.
    """

    _inherit = "complaint.callback"

    # Buttons --------------------------------------------------------------------------

    def action_decide(self):
        """Open the dialogue of a step; which one is in the context."""
        self.ensure_one()
        operation = self.env.context.get("operation")
        wizard = self.env["complaint.callback.wizard"]
        names = dict(wizard._fields["operation"]._description_selection(self.env))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "complaint_management.complaint_callback_wizard_action"
        )
        return action | {
            "name": names.get(operation, action["name"]),
            "context": {
                "default_callback_id": self.id,
                "default_operation": operation,
            },
        }

    # What the dialogue carries out ----------------------------------------------------

    def _operations(self):
        """{operation: method(text, at, way, is_reached, result, person)}."""
        return {
            "attempt": self._note_attempt,
            "close": self._close,
            "handover": self._hand_over,
            "reopen": self._reopen_case,
            "cancel": self._cancel,
        }

    def _note_attempt(self, text, at=None, way="phone", is_reached=False, **_rest):
        """Somebody tried to reach the customer.

        :param datetime at: when, naive UTC; now by default
        :raise UserError: for the future, or before the customer answered
        """
        self._check_may_work()
        now = fields.Datetime.now()
        at = at or now
        if at > now:
            raise UserError(self.env._("What is still to come cannot be noted."))
        # sudo: a date only.
        if at < self.sudo().create_date.replace(microsecond=0):
            raise UserError(
                self.env._("An attempt lies after the answer that it is about.")
            )
        self._note("attempt", text, at=at, way=way, is_reached=is_reached)

    def _close(self, text, result=None, **_rest):
        """It is over, with a result and words.

        :raise UserError: without a result, or as not reached when nobody tried
        """
        self._check_may_work()
        if not result or result == "reopened":
            raise UserError(self.env._("Choose what came of the call-back."))
        attempts = self.entry_ids.filtered(lambda entry: entry.kind == "attempt")
        if result == "unreached" and not attempts:
            raise UserError(
                self.env._("Note first when and how you tried to reach the customer.")
            )
        self._end("done", result, text)
        if result == "wish" and self.case_id:
            # sudo: a to-do for who handles the complaint, in their language.
            case = self.case_id.sudo()
            reader = self.with_context(lang=case.user_id.lang or self.env.lang)
            case._alert_handler(
                reader.env._("The customer wants the complaint reopened."),
                note=plaintext2html(text),
            )

    def _reopen_case(self, text, **_rest):
        """The complaint is looked at again, for the reason that the customer gave.

        :raise UserError: when it is open, or there is none
        """
        self._check_may_work()
        if not self.case_id:
            raise UserError(self.env._("There is no complaint to reopen."))
        self.case_id.check_access("write")
        self.case_id._reason_operations()["reopen"](plaintext2html(text))
        self._end("done", "reopened", text)

    def _cancel(self, text, **_rest):
        self._check_may_work()
        self._end("cancelled", False, text)

    def _hand_over(self, text, person=None, **_rest):
        """Somebody else calls back.

        :param person: res.users
        :raise UserError: when that is who handled it, or does not see what it is about
        """
        self._check_may_work()
        if not person or not self._may_go_to(person):
            raise UserError(
                self.env._(
                    "Choose a supervisor or manager who sees the complaint and did not "
                    "handle it."
                )
            )
        self._set(user_id=person.id)
        self._note("handover", text)
        self._end_to_dos()
        self._tell_assignee(text)

    def _may_go_to(self, person):
        # sudo: what the customer answered about, whoever asks.
        feedback = self.feedback_id.sudo()
        return person not in (self.user_id | self.handler_id) and (
            feedback._callback_may_go_to(person, self.case_id)
        )

    def _end(self, state, result, text):
        self._set(
            state=state,
            result=result,
            result_text=text.strip(),
            done_at=fields.Datetime.now(),
            done_by_id=self.env.uid,
            next_event_at=False,
        )
        self._note("done" if state == "done" else "cancelled", text)
        self._end_to_dos()

    def _end_as_corrected(self):
        """The answer was corrected and is not poor any more: nobody is called."""
        for one in self.filtered(lambda one: one.state == "open"):
            one._end(
                "cancelled",
                False,
                self.env._("The answer was corrected: it was not a poor one."),
            )

    def _keep_out(self, involved):
        """Somebody else calls back where whose it was is involved in the matter.

        :param involved: res.users
        """
        self.ensure_one()
        self.message_unsubscribe(involved.partner_id.ids)
        if self.user_id & involved:
            self._give_away(involved, self.env._("Whose it was is involved."))

    def _give_away(self, besides, text):
        """Somebody else calls back.

        :param besides: res.users who are not meant
        :param str text: why
        """
        person = self.feedback_id._callback_person(besides, self.case_id)
        self._set(user_id=person.id)
        self._note("handover", text)
        self._end_to_dos()
        self._tell_assignee()

    def _go_on_for(self, case, others):
        """Several complaints became one: this call-back is about all of it.

        :param case: the complaint that remains
        :param others: open call-backs that end, because of this one
        """
        self.ensure_one()
        numbers = ", ".join((self | others).case_id.mapped("name"))
        for one in others:
            one._end(
                "cancelled",
                False,
                self.env._(
                    "Merged into %(complaint)s: the customer is called back once.",
                    complaint=case.name,
                ),
            )
        if self.case_id != case:
            self._set(case_id=case.id)
        text = self.env._("One call about %(numbers)s.", numbers=numbers)
        said = filter(None, (one.feedback_id.comment for one in others))
        self._note("merged", "\n".join([text, *said]))
        unsuited = self.user_id == case.user_id or not case._seen_by(self.user_id)
        if self.user_id and unsuited:
            self._give_away(
                self.user_id,
                self.env._(
                    "Whose it was handles the complaint that remains, or does not see "
                    "it."
                ),
            )

    # Checks ---------------------------------------------------------------------------

    def _check_may_work(self):
        """Take the call-back for oneself and make sure that it is still open.

        :raise AccessError: for who may not see it, or handled the complaint
        :raise UserError: when somebody else is at it, or it is over
        """
        self.ensure_one()
        self.check_access("write")
        if self.handler_id == self.env.user:
            raise AccessError(
                self.env._("You handled the complaint: somebody else calls back.")
            )
        if not self.try_lock_for_update(allow_referencing=True):
            raise UserError(
                self.env._("Somebody is at work on this. Please reload the page.")
            )
        self.invalidate_recordset(["state"])
        if self.state != "open":
            raise UserError(self.env._("This call-back is over. Reload the page."))

    # When it is late ------------------------------------------------------------------

    def _process_events(self, now):
        """Tell who is above that a call-back is late; once (C5)."""
        late = self.filtered(lambda one: one.state == "open" and not one.late_told_at)
        for one in late:
            person = one.feedback_id._callback_person(one.user_id, one.case_id)
            one._to_do(person, lambda one: one.env._("The call-back is late."))
        late.write({"late_told_at": now})
        self.write({"next_event_at": False})

    # Writing and telling --------------------------------------------------------------

    def _set(self, **values):
        # sudo: the way is written by the methods only, by nobody's hand. The to-do
        # tells whose it is; Odoo's mail of an assignment would be the second.
        self.sudo().with_context(mail_auto_subscribe_no_notify=True).write(values)

    def _tell_assignee(self, note=None):
        for one in self:
            one._to_do(
                one.user_id, lambda one: one.env._("Call the customer back."), note
            )

    def _to_do(self, person, describe, note=None):
        """Put a to-do before a person; without one the list shows what is nobody's.

        :param person: res.users
        :param describe: called with the call-back in the person's language, returns
            the summary
        """
        self.ensure_one()
        if person:
            mine = self.with_context(lang=person.lang or self.env.lang)
            # sudo: to-dos of others.
            self.sudo().activity_schedule(
                TO_DO,
                date_deadline=fields.Date.context_today(
                    self.with_context(tz=person.tz), self.due_at
                ),
                summary=describe(mine),
                note=plaintext2html(note) if note else False,
                user_id=person.id,
            )

    def _end_to_dos(self):
        # sudo: to-dos of others.
        self.sudo().activity_unlink([TO_DO])
