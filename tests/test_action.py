from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .action_common import ActionCommon


@tagged("post_install", "-at_install")
class TestActionWay(ActionCommon):
    def test_whole_way(self):
        one = self._action()
        self.assertEqual(one.state, "draft")
        self.assertEqual(one.scope, "category")
        self.assertEqual(one.category_id, self.category)
        one.action_start()
        self.assertEqual(one.state, "underway")
        self.assertEqual(one.acceptor_id, self.supervisor)
        self.assertEqual(self._to_dos(one).user_id, self.owner)
        self._do(one, self.owner, "progress", "100 tested", progress=50)
        self.assertEqual(one.progress, 50)
        self._do(one, self.owner, "done", "All 200 are tight.")
        self.assertEqual((one.state, one.done_by_id), ("done", self.owner))
        self.assertEqual(self._to_dos(one).user_id, self.supervisor)
        self._do(one, self.supervisor, "accept", "I saw the log.")
        self.assertEqual(one.state, "accepted")
        self.assertEqual(one.accepted_by_id, self.supervisor)
        self.assertFalse(self._to_dos(one))
        self.assertEqual(
            one.entry_ids.mapped("kind"), ["started", "progress", "done", "accepted"]
        )
        self.assertEqual(
            one.entry_ids.user_id, self.handler | self.owner | self.supervisor
        )

    def test_plan_needs_what_can_be_measured(self):
        one = self._action(target=False, criteria=False, user_id=False)
        with self.refuses(UserError, "owner.*measurable target.*acceptance criteria"):
            one.action_start()
        past = self._action(deadline=self.today - timedelta(days=1))
        with self.refuses(UserError, "is past"):
            past.action_start()

    def test_until_the_end_of_today(self):
        one = self._underway(deadline=self.today)
        self.assertGreater(one.due_at, fields.Datetime.now())

    def test_owner_never_accepts(self):
        with self.refuses(ValidationError, "somebody else than the owner"):
            self._action(acceptor_id=self.owner.id)
        one = self._underway(user_id=self.supervisor.id, acceptor_id=self.manager.id)
        self._do(one, self.supervisor, "done")
        with self.refuses(UserError, "somebody else accepts"):
            self._do(one, self.supervisor, "accept")
        self._do(one, self.manager, "accept")
        self.assertEqual(one.state, "accepted")

    def test_who_reported_it_never_accepts(self):
        one = self._underway()
        self._do(one, self.supervisor, "done", "The owner told me.")
        with self.refuses(UserError, "somebody else accepts"):
            self._do(one, self.supervisor, "accept")

    def test_handler_does_not_accept(self):
        one = self._done()
        with self.refuses(UserError, "or a supervisor"):
            self._do(one, self.handler, "accept")

    def test_named_colleague_accepts(self):
        one = self._done(acceptor_id=self.head.id)
        self._do(one, self.head, "accept", "Looks right.")
        self.assertEqual(one.accepted_by_id, self.head)

    def test_rejected_goes_on(self):
        one = self._done()
        day = self.today + timedelta(days=40)
        self._do(one, self.supervisor, "reject", "Only 150 in the log.", day=day)
        self.assertEqual((one.state, one.deadline), ("underway", day))
        self.assertFalse(one.done_at)
        self.assertIn("Only 150", self._to_dos(one, self.owner).note)
        self._do(one, self.owner, "done", "Now 200.")
        self._do(one, self.supervisor, "accept", "Yes.")
        self.assertEqual(one.state, "accepted")

    def test_postpone_is_for_supervisors(self):
        one = self._underway()
        later = self.today + timedelta(days=60)
        with self.refuses(AccessError, "supervisors and managers"):
            self._do(one, self.handler, "postpone", day=later)
        with self.refuses(UserError, "later day"):
            self._do(one, self.supervisor, "postpone", day=self.today)
        self._do(one, self.supervisor, "postpone", "No test bench.", day=later)
        self.assertEqual(one.deadline, later)
        self.assertEqual(one.entry_ids[-1].kind, "postponed")
        self.assertEqual(one.entry_ids[-1].deadline, later)

    def test_once_in_hand_it_stays_as_agreed(self):
        one = self._underway()
        with self.refuses(UserError, "as it was agreed"):
            one.write({"target": "Less"})
        one.write({"customer_text": "We measure every seal."})
        with self.refuses(UserError, "supervisors and managers"):
            one.write({"user_id": self.head.id})
        one.with_user(self.supervisor).write({"user_id": self.head.id})
        self.assertEqual(self._to_dos(one).user_id, self.head)
        with self.refuses(UserError, "stays on record"):
            one.unlink()
        self._do(one, self.supervisor, "cancel", "The supplier was changed.")
        self.assertEqual(one.state, "cancelled")
        with self.refuses(UserError, "is over"):
            one.with_user(self.supervisor).write({"user_id": self.owner.id})

    def test_state_is_nobodys_to_write(self):
        for values in ({"state": "accepted"}, {"accepted_by_id": 1}, {"check_on": 1}):
            with self.refuses(UserError, "follows from the buttons"):
                self._action(**values)
            with self.refuses(UserError, "follows from the buttons"):
                self._action().write(values)
        one = self.env["complaint.action"].with_user(self.handler)
        one = one.with_context(default_state="accepted", default_progress=99)
        one = one.create({"case_id": self.case.id, "name": "Sneaky"})
        self.assertEqual((one.state, one.progress), ("draft", 0))

    def test_progress_is_a_share(self):
        one = self._underway()
        for progress in (-1, 101):
            with self.refuses(UserError, "between 0 and 100"):
                self._do(one, self.owner, "progress", progress=progress)
        self.assertEqual(one.progress, 0)

    def test_every_step_says_something(self):
        one = self._underway()
        with self.refuses(UserError, "say something"):
            self._do(one, self.owner, "done", "  ")

    def test_steps_out_of_order(self):
        one = self._underway()
        with self.refuses(UserError, "by now"):
            self._do(one, self.supervisor, "accept")
        self._do(one, self.owner, "done")
        with self.refuses(UserError, "by now"):
            self._do(one, self.owner, "progress")

    def test_history_is_only_added_to(self):
        entry = self._underway().entry_ids
        with self.refuses(UserError, "cannot be changed"):
            entry.sudo().text = "Something else"
        with self.refuses(UserError, "cannot be changed"):
            entry.sudo().unlink()

    def test_files_come_with_a_step(self):
        one = self._underway()
        own = self.env["ir.attachment"].with_user(self.owner)
        file = own.create({"name": "log.txt", "raw": b"tight", "res_model": False})
        self._do(one, self.owner, "done", "See the log.", attachment_ids=file.ids)
        self.assertEqual((file.res_model, file.res_id), (one._name, one.id))
        self.assertEqual(one.entry_ids[-1].attachment_ids, file)
        self.assertEqual(file.with_user(self.supervisor).raw, b"tight")

    def test_what_it_was_accepted_on_stays(self):
        one = self._underway()
        own = self.env["ir.attachment"].with_user(self.owner)
        file = own.create({"name": "log.txt", "raw": b"tight", "res_model": False})
        self._do(one, self.owner, "done", "See the log.", attachment_ids=file.ids)
        for user in (self.owner, self.manager):
            with self.refuses(UserError, "part of the history"):
                file.with_user(user).unlink()
        with self.refuses(UserError, "part of the history"):
            file.write({"raw": b"loose"})
        self.assertEqual(file.raw, b"tight")

    def test_foreign_files_do_not(self):
        one = self._underway()
        secret = self.env["ir.attachment"].create(
            {
                "name": "secret.txt",
                "raw": b"x",
                "res_model": "complaint.case",
                "res_id": self.case.id,
            }
        )
        with self.assertRaises(AccessError):
            self._do(one, self.owner, "done", attachment_ids=secret.ids)
        self.assertEqual(secret.res_model, "complaint.case")


@tagged("post_install", "-at_install")
class TestActionRights(ActionCommon):
    def test_whose_it_is(self):
        one = self._underway(acceptor_id=self.supervisor.id)
        for user in (self.owner, self.head, self.handler, self.manager, self.auditor):
            self.assertEqual(one.with_user(user).name, one.name)
            self.assertTrue(one.with_user(user).entry_ids.read(["text"]))
        for user in (self.stranger, self.customer):
            with self.assertRaises(AccessError):
                one.with_user(user).read(["name"])
        with self.assertRaises(AccessError):
            one.entry_ids.with_user(self.stranger).read(["text"])

    def test_owner_sees_nothing_of_the_complaint(self):
        one = self._underway().with_user(self.owner)
        self.assertEqual(one.number, self.case.name)
        with self.assertRaises(AccessError):
            one.case_id.read(["subject"])
        with self.assertRaises(AccessError):
            one.write({"user_id": self.head.id})
        for name in ("allegation_id", "case_id"):
            with self.assertRaises(AccessError):
                one.read([name])
            with self.assertRaises(AccessError):
                one.read_group([], [name], [name])

    def test_whose_it_is_writes_to_it(self):
        one = self._underway()
        for user in (self.owner, self.head, self.supervisor, self.handler):
            one.with_user(user).message_post(body="When?", message_type="comment")
        for user in (self.auditor, self.stranger):
            with self.assertRaises(AccessError):
                one.with_user(user).message_post(body="Hm", message_type="comment")

    def test_owner_opens_the_form(self):
        one = self._underway().with_user(self.owner)
        views = one.get_views([(False, "form"), (False, "list"), (False, "kanban")])
        names = views["models"][one._name]["fields"].keys()
        specification = {name: {} for name in names}
        [values] = one.web_read(specification)
        self.assertEqual(values["name"], one.name)

    def test_dialogue_reads_nothing_of_others(self):
        one = self._underway()
        wizard = self.env["complaint.action.wizard"].with_user(self.stranger)
        with self.assertRaises(AccessError):
            wizard.create({"action_id": one.id, "operation": "done"}).read(["target"])
        with self.assertRaises(AccessError):
            self._do(one, self.stranger, "done")

    def test_confidential(self):
        self.case.write({"is_confidential": True})
        one = self._underway(acceptor_id=self.manager.id)
        self.assertEqual(one.with_user(self.owner).name, one.name)
        self.assertEqual(one.with_user(self.manager).name, one.name)
        for user in (self.colleague, self.auditor, self.supervisor):
            with self.assertRaises(AccessError):
                one.with_user(user).read(["name"])

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Other"})
        manager = self._user("other_manager", group="manager")
        manager.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        one = self._underway()
        with self.assertRaises(AccessError):
            one.with_user(manager).read(["name"])

    def test_department_is_the_managers(self):
        with self.assertRaises(AccessError):
            self.department.with_user(self.supervisor).write({"name": "X"})
        self.department.with_user(self.manager).write({"name": "Buying"})
        self.assertEqual(self.department.with_user(self.owner).name, "Buying")


@tagged("post_install", "-at_install")
class TestActionAndCase(ActionCommon):
    def _to_close(self):
        self.case.with_user(self.handler).write({"answer": "<p>Replaced.</p>"})
        self.case.with_user(self.handler).action_answer()

    def test_plan_binds_closing_and_what_is_in_hand_does_not(self):
        one = self._action()
        self._to_close()
        self.case.outcome = "settled"
        with self.refuses(UserError, "nobody has “Measure the seals"):
            self.case.with_user(self.handler).action_close()
        one.action_start()
        self.case.with_user(self.handler).action_close()
        self.assertEqual(self.case.phase, "closed")
        self.assertEqual(one.state, "underway")
        clock = one.clock_ids
        self.assertEqual((clock.state, bool(clock.ended_at)), ("running", False))
        self._do(one, self.owner, "done")
        self.assertEqual(clock.state, "met")

    def test_clock_is_none_of_the_complaints(self):
        before = self.case.next_deadline, self.case.next_milestone
        one = self._underway(deadline=self.today)
        self.assertTrue(one.clock_ids)
        self.assertNotIn(one.clock_ids, self.case.clock_ids)
        self.assertEqual((self.case.next_deadline, self.case.next_milestone), before)

    def test_letter_and_page_say_what_changes(self):
        text = "From now on every seal is measured."
        late = self._action(customer_text="Too late for the letter.")
        one = self._action(customer_text=text)
        self.assertFalse(self.case._letter_improvements())
        one.action_start()
        self.assertEqual(self.case._letter_improvements()[0]["text"], text)
        case = self.case.with_user(self.customer)
        self.assertFalse(case.sudo()._portal_page()["improvements"])
        self._to_close()
        late.action_start()
        late.sudo().started_at = self.case.answered_at + timedelta(hours=1)
        self.assertEqual(
            [row["text"] for row in self.case._letter_improvements()], [text]
        )
        told = case.sudo()._portal_page()["improvements"]
        self.assertEqual({row["text"] for row in told}, {text, late.customer_text})
        self._do(one, self.owner, "done")
        self._do(one, self.supervisor, "accept")
        done = {
            row["text"]
            for row in case.sudo()._portal_page()["improvements"]
            if row["is_done"]
        }
        self.assertEqual(done, {text})

    def test_moves_with_a_merged_complaint(self):
        one = self._underway()
        target = self._case(user_id=self.handler.id)
        self.case._merge_into(target)
        self.assertEqual(one.case_id, target)
        self.assertEqual(one.sudo().clock_ids.case_id, target)
        self.assertEqual(one.sudo().clock_ids.state, "running")

    def test_case_file_tells_of_it(self):
        self._accepted()
        [row] = self.case.with_user(self.manager)._file_actions()
        self.assertEqual(row["state"], "Accepted as done")
        self.assertEqual(len(row["rows"]), 3)


@tagged("post_install", "-at_install")
class TestActionClock(ActionCommon):
    def _at(self, one, share):
        """The moment at which so much of its time is used."""
        clock = one.sudo().clock_ids[-1:]
        return clock.started_at + (clock.deadline - clock.started_at) * share

    def test_warned_and_escalated_by_the_ladder(self):
        self.supervisor.complaint_manager_id = self.manager
        one = self._underway()
        clock = one.sudo().clock_ids
        self.assertEqual(clock.policy_id, self.case.sla_policy_id)
        with freeze_time(self._at(one, 0.76)):
            self._cron("sla_clock")
        self.assertTrue(clock.warned_at)
        notices = self.env["complaint.notice"].search([("clock_id", "=", clock.id)])
        self.assertEqual(notices.user_id, self.owner)
        self.assertEqual(notices._why_text(), "You own the corrective action.")
        late = clock.deadline + timedelta(minutes=1)
        with freeze_time(late):
            self._cron("sla_clock")
            self.assertTrue(one.is_overdue)
        self.assertEqual(clock.state, "breached")
        self.assertTrue(one.is_escalated)
        notices = self.env["complaint.notice"].search([("clock_id", "=", clock.id)])
        self.assertEqual(notices.user_id, self.owner | self.supervisor)
        escalated = self._to_dos(one, self.supervisor)
        self.assertIn("Escalated", escalated.summary)
        with freeze_time(clock.deadline + timedelta(days=4)):
            self._cron("sla_clock")
        notices = self.env["complaint.notice"].search([("clock_id", "=", clock.id)])
        self.assertIn(self.manager, notices.user_id)
        self.assertEqual(self.case.user_id, self.handler)

    def test_one_mail_about_action_and_complaint(self):
        one = self._underway()
        moment = self._at(one, 0.76)
        with freeze_time(moment):
            self._cron("sla_clock")
        with freeze_time(moment + timedelta(days=3)):
            self._cron("notice")
        clock = one.sudo().clock_ids
        notice = self.env["complaint.notice"].search([("clock_id", "=", clock.id)])
        self.assertEqual(notice.state, "sent")
        body = notice.mail_id.body_html
        self.assertIn("Measure the seals", body)
        self.assertIn(f"model=complaint.action&amp;res_id={one.id}", body)

    def test_done_in_time_is_met_and_drops_what_was_not_told(self):
        one = self._underway()
        moment = self._at(one, 0.76)
        with freeze_time(moment):
            self._cron("sla_clock")
            self._do(one, self.owner, "done")
        clock = one.sudo().clock_ids
        self.assertEqual(clock.state, "met")
        with freeze_time(moment + timedelta(days=3)):
            self._cron("notice")
        notice = self.env["complaint.notice"].search([("clock_id", "=", clock.id)])
        self.assertEqual(notice.state, "dropped")

    def test_rejected_runs_anew(self):
        one = self._done()
        first = one.sudo().clock_ids
        self._do(one, self.supervisor, "reject", day=self.today + timedelta(days=50))
        second = one.sudo().clock_ids - first
        self.assertEqual((first.state, second.state), ("met", "running"))
        self.assertEqual(second.deadline, one.due_at)

    def test_postponed_begins_the_ladder_anew(self):
        one = self._underway()
        clock = one.sudo().clock_ids
        with freeze_time(clock.deadline + timedelta(minutes=1)):
            self._cron("sla_clock")
            self.assertTrue(one.is_escalated)
            later = one.deadline + timedelta(days=30)
            self._do(one, self.supervisor, "postpone", "Fire.", day=later)
            self.assertEqual(clock.state, "running")
            self.assertFalse(one.is_escalated)
            self.assertFalse(one.is_overdue)
            self.assertEqual(clock.event_ids[-1].kind, "replanned")
            self.assertEqual(clock.event_ids[-1].note, "Fire.")
        told = self.env["complaint.sla.event"].search_count(
            [("clock_id", "=", clock.id), ("kind", "=", "escalated")]
        )
        with freeze_time(clock.deadline + timedelta(minutes=1)):
            self._cron("sla_clock")
        again = self.env["complaint.sla.event"].search_count(
            [("clock_id", "=", clock.id), ("kind", "=", "escalated")]
        )
        self.assertGreater(again, told)

    def test_complaint_that_waits_does_not_stop_it(self):
        one = self._underway()
        reason = self.env["complaint.pause.reason"].search(
            [("stops_clock", "=", True)], limit=1
        )
        self.case.with_user(self.handler)._pause(reason)
        self.assertEqual(one.sudo().clock_ids.state, "running")
        self.case.with_user(self.handler)._resume()
        self.assertEqual(one.sudo().clock_ids.deadline, one.due_at)

    def test_absent_owner(self):
        self.owner.complaint_deputy_id = self.head
        self.owner.complaint_absent_until = self.today + timedelta(days=365)
        one = self._underway()
        with freeze_time(self._at(one, 0.76)):
            self._cron("sla_clock")
        notice = self.env["complaint.notice"].search(
            [("clock_id", "=", one.sudo().clock_ids.id)]
        )
        self.assertEqual(notice.user_id, self.head)
        self.assertEqual(notice.instead_of_id, self.owner)

    def test_acknowledged(self):
        one = self._underway()
        with freeze_time(one.sudo().clock_ids.deadline + timedelta(minutes=1)):
            self._cron("sla_clock")
            one.with_user(self.supervisor).action_acknowledge_escalation()
        self.assertFalse(one.is_escalated)
        self.assertFalse(
            self._to_dos(one, self.supervisor).filtered(
                lambda to_do: "Escalated" in (to_do.summary or "")
            )
        )

    def test_head_of_the_department_acknowledges(self):
        one = self._underway()
        clock = one.sudo().clock_ids
        self.case.sla_policy_id.escalation_ids.filtered(
            lambda rung: rung.recipient == "leader"
        ).recipient = "handler_manager"
        with freeze_time(clock.deadline + timedelta(minutes=1)):
            self._cron("sla_clock")
            self.assertEqual(clock.escalated_to_id, self.head)
            with self.refuses(UserError, "escalated to somebody else"):
                one.with_user(self.handler).action_acknowledge_escalation()
            one.with_user(self.head).action_acknowledge_escalation()
        self.assertFalse(one.is_escalated)

    def test_stays_with_its_owner_and_who_would_take_over_is_told(self):
        ladder = self.case.sla_policy_id.escalation_ids
        ladder.filtered(lambda rung: rung.recipient == "leader").write(
            {"do_reassign": True, "do_notify": False, "do_activity": False}
        )
        one = self._underway()
        with freeze_time(one.sudo().clock_ids.deadline + timedelta(minutes=1)):
            self._cron("sla_clock")
        self.assertEqual(one.user_id, self.owner)
        notices = self.env["complaint.notice"].search(
            [("clock_id", "=", one.sudo().clock_ids.id)]
        )
        self.assertIn(self.supervisor, notices.user_id)
        self.assertNotIn("handover", notices.mapped("kind"))

    def test_late_acceptance_is_told(self):
        self.supervisor.complaint_manager_id = self.manager
        one = self._done(acceptor_id=self.head.id)
        with freeze_time(one.done_at + timedelta(days=8)):
            self._cron()
        self.assertEqual(
            self._to_dos(one, self.supervisor).summary,
            "Nobody has accepted it yet: Measure the seals on receipt",
        )
        self.assertFalse(one.sudo().next_event_at)
