"""What is done to many complaints at once comes to the same as one by one."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ComplaintCommon

#: What differs between rows that were written one after another.
OWN = {"id", "create_date", "write_date"}


@tagged("post_install", "-at_install")
class TestTogether(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # As in real life: with messages, followers and tracking.
        cls.env = cls.env(context={"no_reset_password": True})
        cls.cases = cls.env["complaint.case"].with_user(cls.manager)
        cls.stages = cls.env["complaint.stage"]._by_phase()
        cls.stage_subtype = cls.env.ref("complaint_management.mt_case_stage")

    def _create(self, number, **values):
        return self.cases.create(
            [
                {
                    "subject": f"Late {n}",
                    "partner_id": self.customer.partner_id.id,
                    **values,
                }
                for n in range(number)
            ]
        )

    def _settle(self):
        """Do what a commit would still do."""
        self.env.cr.flush()
        self.env.invalidate_all()

    # Clocks ---------------------------------------------------------------------------

    def test_clocks_are_as_the_orm_writes_them(self):
        """Every column, also those that are added to clocks later."""
        case = self._create(1, nature="major").sudo()
        self._settle()
        clocks = case.clock_ids
        self.assertEqual(len(clocks), 5)
        names = [
            name
            for name, field in clocks._fields.items()
            if field.store and field.column_type and name not in OWN
        ]
        written = self._rows(clocks, names)
        plans, lines = clocks._plan_together(case._clocks_to_start())
        values = [
            {"case_id": case.id, "round": 1, **list(plans.values())[number]}
            for _case, number in lines
        ]
        self.env.cr.execute(
            "DELETE FROM complaint_sla_clock WHERE case_id = %s", [case.id]
        )
        self.env.invalidate_all()
        again = clocks.browse().create(values)
        again.flush_recordset()
        self.assertEqual(self._rows(again, names), written)

    def _rows(self, records, names):
        columns = ", ".join(f'"{name}"' for name in names)
        self.env.cr.execute(
            f"SELECT {columns} FROM {records._table} WHERE id = ANY(%s) ORDER BY id",
            [records.ids],
        )
        return self.env.cr.dictfetchall()

    def test_cases_that_differ_have_clocks_of_their_own(self):
        cases = self.cases.create(
            [
                {
                    "subject": subject,
                    "partner_id": self.customer.partner_id.id,
                    "date_received": received,
                    "nature": nature,
                }
                for subject, received, nature in (
                    ("A", "2026-03-02 09:00:00", "general"),
                    ("B", "2026-03-03 10:30:00", "general"),
                    ("C", "2026-03-02 09:00:00", "major"),
                )
            ]
        ).sudo()
        for case in cases:
            self.assertTrue(case.clock_ids)
            self.assertEqual(
                set(case.clock_ids.mapped("started_at")), {case.date_received}
            )
            self.assertEqual(case.clock_ids.policy_id, case.sla_policy_id)
            self.assertEqual(case.next_deadline, min(case.clock_ids.mapped("deadline")))
            self.assertEqual(
                case.next_milestone, case.clock_ids.sorted("deadline")[:1].milestone
            )
            self.assertEqual(case.clock_ids.event_ids.case_id, case)
        alone = self.cases.create(
            {
                "subject": "C again",
                "partner_id": self.customer.partner_id.id,
                "date_received": "2026-03-02 09:00:00",
                "nature": "major",
            }
        ).sudo()
        self.assertEqual(
            alone.clock_ids.mapped("deadline"), cases[2].clock_ids.mapped("deadline")
        )

    def test_new_rows_are_written_once(self):
        """What is known when a complaint is registered needs no second update."""
        cases = self._create(3)
        # But for the sketch of the text, which whoever creates it has no access to.
        self.env.remove_to_compute(cases._fields["similar_key"], cases)
        before = self._versions(cases)
        self._settle()
        self.assertEqual(self._versions(cases), before)
        self.assertTrue(all(cases.mapped("next_deadline")))
        self.assertTrue(all(cases.mapped("partner_name")))

    def _versions(self, cases):
        """Where the rows lie; each update puts a row elsewhere."""
        self.env.cr.execute(
            "SELECT id, ctid::text FROM complaint_case WHERE id = ANY(%s)", [cases.ids]
        )
        return dict(self.env.cr.fetchall())

    def test_a_form_foresees_nothing(self):
        new = self.cases.new(
            {"subject": "Late", "partner_id": self.customer.partner_id.id}
        )
        self.assertFalse(new.next_deadline)
        self.assertFalse(new.sla_policy_id)

    def test_contact_that_is_given_is_kept(self):
        [case] = self._create(1, partner_name="A. Caller", email_from="a@example.com")
        self.assertEqual(case.partner_name, "A. Caller")
        self.assertEqual(case.email_normalized, "a@example.com")

    # Companies ------------------------------------------------------------------------

    def test_what_belongs_to_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.env["res.partner"].create(
            {"name": "Their customer", "company_id": other.id}
        )
        with self.assertRaises(UserError):
            self.cases.create(
                [
                    {"subject": "Ours", "partner_id": self.customer.partner_id.id},
                    {"subject": "Theirs", "partner_id": theirs.id},
                ]
            )
        [case] = self._create(1)
        with self.assertRaises(UserError):
            case.partner_id = theirs

    # Followers ------------------------------------------------------------------------

    def test_followers_of_the_default_team_follow(self):
        """Also where nobody chose the team, for one complaint and for many."""
        team = self.cases.new({}).team_id or self.team
        team.sudo().message_subscribe(self.supervisor.partner_id.ids)
        for number in (1, 3):
            cases = self._create(number)
            self.assertEqual(cases.sudo().team_id, team)
            for case in cases:
                self.assertIn(self.supervisor.partner_id, case.message_partner_ids)
                self.assertIn(self.manager.partner_id, case.message_partner_ids)

    def test_each_has_the_note_that_it_was_created(self):
        cases = self._create(3)
        self._settle()
        for case in cases:
            [message] = case.message_ids
            self.assertIn("created", message.body)
            self.assertEqual(message.author_id, self.manager.partner_id)
            self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))
            self.assertTrue(message.is_internal)

    # Changes --------------------------------------------------------------------------

    def _moved(self, cases, **values):
        self._settle()
        messages = cases.message_ids
        cases.write({"stage_id": self.stages["accepted"].id, **values})
        self._settle()
        return cases.message_ids - messages

    def test_moving_is_noted_in_each(self):
        one = self._moved(self._create(1, user_id=self.manager.id))
        many = self._moved(self._create(3, user_id=self.manager.id))
        self.assertEqual(len(many), 3)
        self.assertEqual(many.subtype_id, self.stage_subtype)
        self.assertEqual(many.author_id, one.author_id)
        for message in many:
            [value] = message.sudo().tracking_value_ids
            self.assertEqual(value.field_id.name, "stage_id")
            self.assertEqual(
                (value.old_value_char, value.new_value_char),
                ("Received", self.stages["accepted"].name),
            )

    def test_change_without_a_subtype_is_noted_in_each(self):
        cases = self._create(3)
        self._settle()
        messages = cases.message_ids
        cases.write({"priority": "2"})
        self._settle()
        added = cases.message_ids - messages
        self.assertEqual(len(added), 3)
        self.assertEqual(added.subtype_id, self.env.ref("mail.mt_note"))
        self.assertEqual(
            added.sudo().tracking_value_ids.field_id.mapped("name"), ["priority"]
        )

    def test_who_follows_stages_gets_one_notice(self):
        cases = self._create(3, user_id=self.manager.id)
        hidden = self._create(2, user_id=self.manager.id, is_confidential=True)
        cases |= hidden
        hidden.confidential_user_ids = self.supervisor
        cases.message_subscribe(
            self.supervisor.partner_id.ids, subtype_ids=self.stage_subtype.ids
        )
        mails = self.env["mail.mail"].search([])
        self._moved(cases)
        mails = self.env["mail.mail"].search([]) - mails
        self.assertEqual(mails.recipient_ids, self.supervisor.partner_id)
        together = mails.filtered(lambda mail: "3 complaints" in mail.subject)
        self.assertEqual(len(together), 1)
        self.assertEqual(together.body_html.count("/odoo/complaint.case/"), 3)
        for case in hidden:
            self.assertNotIn(case.name, together.body_html)
        # Those that must not be named are told about one by one, as ever.
        self.assertEqual(len(mails - together), 2)

    def test_many_moves_cost_few_queries(self):
        cases = self._create(80, user_id=self.manager.id)
        self._settle()
        before = self.env.cr.sql_log_count
        cases.write({"stage_id": self.stages["accepted"].id})
        self._settle()
        self.assertLess(self.env.cr.sql_log_count - before, 50)

    # The board ------------------------------------------------------------------------

    def test_lateness_is_counted_by_the_database(self):
        cases = self._create(4)
        now = fields.Datetime.now().replace(microsecond=0)
        for case, hours in zip(cases.sudo(), (-1, 3, 30, None), strict=True):
            case.clock_ids.write({"deadline": hours and now + timedelta(hours=hours)})
        self._settle()
        expected = dict(zip(cases, ("overdue", "near", "ahead", False), strict=True))
        self.assertEqual({case: case.lateness for case in cases}, expected)
        reader = self.cases.with_user(self.handler)
        for case, lateness in expected.items():
            found = reader.search(
                [("id", "in", cases.ids), ("lateness", "=", lateness)]
            )
            self.assertEqual(found, case.with_user(self.handler))
        bar = {
            "field": "lateness",
            "colors": {"overdue": "danger", "near": "warning", "ahead": "success"},
        }
        stage = cases.stage_id
        counts = reader.read_progress_bar([("id", "in", cases.ids)], "stage_id", bar)
        self.assertEqual(counts, {str(stage.id): {"overdue": 1, "near": 1, "ahead": 1}})
        groups = reader.formatted_read_group(
            [("id", "in", cases.ids)], ["lateness"], ["__count"]
        )
        for group in groups:
            self.assertEqual(
                reader.search_count(
                    group["__extra_domain"] + [("id", "in", cases.ids)]
                ),
                group["__count"],
            )
        self.assertEqual(len(groups), 4)
        with self.assertRaises(AccessError):
            self.cases.with_user(self.customer).formatted_read_group(
                [], ["lateness"], ["__count"]
            )

    # To-dos ---------------------------------------------------------------------------

    def test_a_to_do_that_is_passed_on_speaks_to_its_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.supervisor.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        self.handler.write({"lang": "en_US", "tz": "UTC"})
        case = self._create(1, user_id=self.handler.id, team_id=self.team.id).sudo()
        clock = case.clock_ids[0]
        clock.write({"deadline": "2026-03-10 20:00:00", "warned_at": "2026-03-10"})
        case._clocks_alert()
        to_do = case.activity_ids
        self.assertEqual(to_do.user_id, self.handler)
        self.assertIn("8:00", to_do.summary)
        to_do.with_user(self.handler).user_id = self.supervisor
        self.assertIn("4:00", to_do.summary.replace("04:00", "4:00"))
        self.assertNotIn("was due", to_do.summary)
        self.assertEqual(str(to_do.date_deadline), "2026-03-11")
        # Nobody takes it away again.
        case._clocks_alert(raise_new=False)
        self.assertEqual(to_do.user_id, self.supervisor)
