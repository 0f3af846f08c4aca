from datetime import timedelta

from psycopg2.errors import ForeignKeyViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestHandover(ComplaintCommon):
    """A complaint has an owner, and every change of owner is on record (A5)."""

    def _accepted(self, **values):
        case = self._case(user_id=self.handler.id, **values)
        case.with_user(self.handler).action_accept()
        return case

    def _wizard(self, cases, user):
        action = cases.with_user(user).action_hand_over()
        return Form(
            self.env["complaint.handover.wizard"]
            .with_user(user)
            .with_context(**action["context"])
        )

    def test_nobody_loses_a_complaint(self):
        case = self._accepted()
        for user in (self.handler, self.manager):
            with self.refuses(UserError, "without a handler"):
                case.with_user(user).user_id = False
        with self.refuses(UserError, "without a handler"):
            case.user_id = False
        received = self._case(user_id=self.handler.id)
        received.user_id = False

    def test_hand_over_with_a_note(self):
        case = self._accepted()
        wizard = self._wizard(case, self.handler)
        wizard.user_id = self.colleague
        wizard.note = "Promised a call on Monday"
        wizard.save().action_confirm()
        self.assertEqual(case.user_id, self.colleague)
        [line] = case.handover_ids
        self.assertEqual(
            (line.from_user_id, line.to_user_id, line.user_id, line.note, line.kind),
            (
                self.handler,
                self.colleague,
                self.handler,
                "Promised a call on Monday",
                "manual",
            ),
        )
        with self.refuses(UserError, "cannot be changed"):
            line.note = "Other"

    def test_needs_person_and_note(self):
        case = self._accepted()
        wizard = self._wizard(case, self.handler)
        wizard.user_id = self.colleague
        with self.assertRaises(AssertionError):
            wizard.save()
        wizard.note = "  "
        with self.refuses(UserError, "must know"):
            wizard.save().action_confirm()

    def test_only_people_who_may_handle_it(self):
        case = self._accepted()
        people = self.env["complaint.handover.wizard"].create(
            {"case_ids": case.ids, "user_id": self.colleague.id}
        )
        self.assertIn(self.colleague, people.allowed_user_ids)
        for user in (self.handler, self.auditor, self.employee, self.customer):
            self.assertNotIn(user, people.allowed_user_ids)
        with self.refuses(UserError, "cannot handle"):
            case.with_user(self.handler)._hand_over(self.employee, "x")
        case.write({"is_confidential": True, "confidential_user_ids": self.manager.ids})
        with self.refuses(UserError, "cannot handle"):
            case.with_user(self.handler)._hand_over(self.colleague, "x")

    def test_absent_person_is_said(self):
        case = self._accepted()
        self.colleague.complaint_absent_until = fields.Date.today() + timedelta(days=2)
        self.colleague.complaint_deputy_id = self.supervisor
        wizard = self._wizard(case, self.handler)
        wizard.user_id = self.colleague
        self.assertIn(self.supervisor.name, wizard.hint)
        self.assertFalse(case.handler_is_absent)
        case.user_id = self.colleague
        case.invalidate_recordset(["handler_is_absent"])
        self.assertTrue(case.handler_is_absent)

    def test_every_way_is_on_record(self):
        case = self._accepted()
        case.with_user(self.colleague).action_assign_to_me()
        case.user_id = self.supervisor
        kinds = case.handover_ids.sorted("id")
        self.assertEqual(
            [(line.from_user_id, line.to_user_id) for line in kinds],
            [(self.handler, self.colleague), (self.colleague, self.supervisor)],
        )
        # A word in the context makes nothing look like the system's doing.
        case.with_user(self.supervisor).with_context(
            complaint_handover={"kind": "escalation", "note": "n"}
        ).write({"user_id": self.handler.id})
        last = case.handover_ids.sorted("id")[-1]
        self.assertEqual((last.kind, last.note), ("manual", "n"))

    def test_taking_up_is_on_record(self):
        case = self._case()
        case.with_user(self.colleague).action_accept()
        [line] = case.handover_ids
        self.assertFalse(line.from_user_id)
        self.assertEqual(line.to_user_id, self.colleague)

    def test_watch_list(self):
        old = self._case(date_received="2025-01-02")
        new = self._case()
        owned = self._case(user_id=self.handler.id)
        found = self.env["complaint.case"].search(
            self.env["complaint.case"]._untaken_domain()
            & fields.Domain("id", "in", (old | new | owned).ids),
            order="date_received",
        )
        self.assertEqual(found, old | new)
        self.assertEqual(found[0], old)
        team = self.team.with_user(self.supervisor)
        before = team.untaken_case_count
        owned.user_id = False
        team.invalidate_recordset()
        self.assertEqual(team.untaken_case_count, before + 1)
        domain = team.action_untaken_cases()["domain"]
        self.assertIn(old, self.env["complaint.case"].search(domain))
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_case_action_untaken"
        )
        self.assertIn(old, self.env["complaint.case"].search(eval(action["domain"])))

    def test_rights(self):
        case = self._accepted()
        case.user_id = self.colleague
        line = case.handover_ids
        for user in (self.handler, self.supervisor, self.manager, self.auditor):
            line.with_user(user).read(["note"])
            with self.assertRaises(AccessError):
                line.with_user(user).unlink()
            with self.assertRaises(AccessError):
                line.with_user(user).create({"case_id": case.id})
        for user in (self.stranger, self.customer, self.employee):
            with self.assertRaises(AccessError):
                line.with_user(user).read(["note"])
        with self.assertRaises(AccessError):
            case.with_user(self.auditor).action_hand_over()
        with self.assertRaises(AccessError):
            self.env["complaint.handover.wizard"].with_user(self.handler).create(
                {
                    "case_ids": self._case(
                        team_id=self.other_team.id, user_id=self.stranger.id
                    ).ids,
                    "user_id": self.colleague.id,
                    "note": "x",
                }
            ).action_confirm()

    def test_users_with_complaints_are_not_deleted(self):
        case = self._accepted()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(ForeignKeyViolation),
            self.env.cr.savepoint(),
        ):
            self.handler.unlink()
        self.assertEqual(case.user_id, self.handler)

    def test_many_at_once(self):
        few = self.env["complaint.case"].create([self._case_values() for _ in range(5)])
        many = self.env["complaint.case"].create(
            [self._case_values() for _ in range(50)]
        )

        def cost(cases):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cases.with_user(self.manager)._hand_over(self.handler, "All of them")
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(few[:1])
        self.assertLessEqual(cost(many) - cost(few[1:]), 6)
        self.assertEqual(len(many.handover_ids), 50)
