from collections import Counter
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged

from .common import MODULE, NO_MAIL, ComplaintCommon


@tagged("post_install", "-at_install")
class TestRouting(ComplaintCommon):
    """New complaints find their team and their handler (A5, G4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.routing_method = "round_robin"
        cls.members = cls.team.member_ids.sorted("id")
        cls.safety = cls.env.ref(f"{MODULE}.category_quality_safety")
        cls.today = fields.Date.today()

    def _intake(self, number=1, channel="portal", **values):
        vals = {
            "subject": "Zzz",
            "partner_id": self.customer.partner_id.id,
            "team_id": self.team.id,
            **values,
        }
        return self.env["complaint.case"]._intake([dict(vals)] * number, channel)

    def _absent(self, *people):
        for person in people:
            person.complaint_absent_until = self.today + timedelta(days=3)

    # Methods --------------------------------------------------------------------------

    def test_in_turn(self):
        handlers = [self._intake().user_id for _n in range(6)]
        handlers += [case.user_id for case in self._intake(number=6)]
        self.assertEqual(Counter(handlers), Counter(list(self.members) * 4))
        # One after the other, by itself and in a batch: nobody twice in a round.
        for start in range(0, 12, 3):
            self.assertEqual(set(handlers[start : start + 3]), set(self.members))

    def test_in_turn_is_fair_where_not_everybody_may(self):
        """Every second case can go to one person only: the others still take turns."""
        self.safety.needs_qualification = True
        self.env["complaint.qualification"].create(
            {"user_id": self.supervisor.id, "category_id": self.safety.id}
        )
        given = Counter()
        for _n in range(4):
            special = self._intake(category_id=self.safety.id)
            self.assertEqual(special.user_id, self.supervisor)
            given[self._intake(category_id=self.category.id).user_id] += 1
        self.assertEqual(given[self.handler], given[self.colleague])

    def test_least_to_do(self):
        self.team.routing_method = "least_loaded"
        # One urgent one weighs as much as three general ones.
        self._case(user_id=self.handler.id, priority="2")
        self._case(user_id=self.colleague.id)
        self._case(user_id=self.supervisor.id, priority="1")
        cases = self._intake(number=3)
        self.assertEqual(
            Counter(case.user_id for case in cases),
            Counter({self.colleague: 2, self.supervisor: 1}),
        )
        self.assertIn("1 in work", cases[0].handover_ids.note)

    def test_answered_ones_do_not_weigh(self):
        self.team.routing_method = "least_loaded"
        self.team.member_ids = self.handler | self.colleague
        self._answered()
        self._case(user_id=self.colleague.id)
        self.assertEqual(self._intake().user_id, self.handler)

    def test_who_took_it_down(self):
        self.team.routing_method = "first_contact"
        cases = self.env["complaint.case"].with_user(self.colleague)
        vals = {"subject": "Zzz", "partner_id": self.customer.partner_id.id}
        vals["team_id"] = self.team.id
        case = cases._intake([vals], "phone")
        self.assertEqual(case.user_id, self.colleague)
        self.assertIn("Took the complaint down", case.handover_ids.note)
        # Nobody took down what came through the portal.
        self._case(user_id=self.handler.id)
        self._case(user_id=self.colleague.id)
        self.assertEqual(self._intake().user_id, self.supervisor)

    def test_by_hand(self):
        self.team.routing_method = "none"
        self.assertFalse(self._intake().user_id)

    def test_what_is_given_stays(self):
        case = self._intake(user_id=self.stranger.id)
        self.assertEqual(case.user_id, self.stranger)
        self.assertFalse(case.handover_ids)

    # Who fits -------------------------------------------------------------------------

    def test_absent_people_are_passed_over(self):
        self._absent(self.handler, self.supervisor)
        self.assertEqual(self._intake(number=3).user_id, self.colleague)

    def test_deputies_where_all_are_absent(self):
        self._absent(*self.members)
        self.assertFalse(self._intake().user_id, "stays with the team")
        self.handler.complaint_deputy_id = self.stranger
        case = self._intake()
        self.assertEqual(case.user_id, self.stranger)
        self.assertIn(f"Stands in for {self.handler.name}", case.handover_ids.note)

    def test_qualified_people_only(self):
        self.safety.parent_id.needs_qualification = True
        qualify = self.env["complaint.qualification"].create
        qualify(
            [
                {
                    "user_id": self.handler.id,
                    "category_id": self.safety.id,
                    "date_to": self.today - timedelta(days=1),
                },
                {
                    "user_id": self.colleague.id,
                    "category_id": self.safety.parent_id.id,
                    "date_to": self.today,
                },
                {
                    "user_id": self.supervisor.id,
                    "category_id": self.safety.id,
                    "date_from": self.today + timedelta(days=1),
                },
            ]
        )
        cases = self._intake(number=2, category_id=self.safety.id)
        self.assertEqual(cases.user_id, self.colleague)

    def test_at_most_open(self):
        self.team.routing_max_open = 1
        self.handler.complaint_max_open = 3
        cases = self._intake(number=7)
        given = Counter(case.user_id for case in cases)
        self.assertEqual(
            given,
            Counter(
                {
                    self.handler: 3,
                    self.colleague: 1,
                    self.supervisor: 1,
                    self.env["res.users"]: 2,
                }
            ),
        )
        self.assertIn(
            cases[-1],
            self.env["complaint.case"].search(
                self.env["complaint.case"]._untaken_domain()
            ),
        )

    def test_never_who_is_involved_or_complains(self):
        self.team.member_ids = self.handler | self.colleague
        cases = self._intake(number=3, involved_user_ids=self.handler.ids)
        self.assertEqual(cases.user_id, self.colleague)
        cases = self._intake(number=3, partner_id=self.colleague.partner_id.id)
        self.assertEqual(cases.user_id, self.handler)

    def test_confidential_only_to_those_named(self):
        cases = self._intake(
            number=3, is_confidential=True, confidential_user_ids=self.colleague.ids
        )
        self.assertEqual(cases.user_id, self.colleague)

    def test_left_and_outsiders_are_not_assigned(self):
        self.team.member_ids |= self.employee
        self.colleague.active = False
        given = Counter(case.user_id for case in self._intake(number=4))
        self.assertEqual(set(given), {self.handler, self.supervisor})

    # Which team -----------------------------------------------------------------------

    def _line(self, team=None, **values):
        return self.env["complaint.routing.line"].create(
            {"team_id": (team or self.other_team).id, **values}
        )

    def _team_of(self, **values):
        vals = {"subject": "Zzz", "partner_id": self.customer.partner_id.id, **values}
        return self.env["complaint.case"]._intake([vals], "portal").team_id

    def test_team_by_line(self):
        self.assertEqual(self._team_of(), self.team, "the first one")
        kitchen = self.env["product.category"].create({"name": "Kitchen"})
        self.product.categ_id = kitchen
        ours = {"product_id": self.product.id, "order_id": self.order.id}
        for conditions, values in (
            (
                {"category_ids": self.safety.parent_id.ids},
                {"category_id": self.safety.id},
            ),
            ({"product_category_ids": kitchen.ids}, ours),
            ({"partner_ids": self.acme.ids}, {}),
            ({"lang": "en_US"}, {}),
            ({"channel_ids": self.env.ref(f"{MODULE}.channel_portal").ids}, {}),
        ):
            with self.subTest(conditions):
                line = self._line(**conditions)
                self.assertEqual(self._team_of(**values), self.other_team)
                line.unlink()
        self._line(partner_ids=self.beta.ids)
        self.assertEqual(self._team_of(), self.team)

    def test_first_line_of_any_team_decides(self):
        self._line(partner_ids=self.acme.ids, sequence=20)
        self._line(team=self.team, partner_ids=self.acme.ids, sequence=5)
        self.assertEqual(self._team_of(), self.team)
        self.assertEqual(self._team_of(team_id=self.other_team.id), self.other_team)

    def test_line_without_condition_is_refused(self):
        with self.refuses(ValidationError, "without a condition"):
            self._line()

    def test_dedicated_handler(self):
        self._line(partner_ids=self.acme.ids, user_id=self.stranger.id)
        case = self._intake(team_id=False)
        self.assertEqual((case.team_id, case.user_id), (self.other_team, self.stranger))
        self.assertIn("Dedicated", case.handover_ids.note)
        self.stranger.complaint_deputy_id = self.colleague
        self._absent(self.stranger)
        case = self._intake(team_id=False)
        self.assertEqual(case.user_id, self.colleague)

    # By button ------------------------------------------------------------------------

    def test_assign_automatically(self):
        cases = self._case() | self._case()
        mine = self._case(user_id=self.handler.id)
        (cases | mine).with_user(self.handler).action_assign_automatically()
        self.assertTrue(all(case.user_id for case in cases))
        self.assertEqual(mine.user_id, self.handler)
        [line] = cases[0].handover_ids
        self.assertEqual((line.kind, line.to_user_id), ("routing", cases[0].user_id))
        self.assertIn("Assigned to", cases[0].message_ids[0].body)
        self._absent(*self.members)
        left = self._case()
        result = left.with_user(self.handler).action_assign_automatically()
        self.assertIn("nobody fits", result["params"]["message"])
        with self.assertRaises(AccessError):
            left.with_user(self.auditor).action_assign_automatically()

    def test_who_left_is_replaced(self):
        case = self._case(user_id=self.colleague.id)
        case.with_user(self.colleague).action_accept()
        self.colleague.active = False
        self.assertIn(case, case.search(case._untaken_domain()))
        case.with_user(self.handler).action_assign_automatically()
        self.assertIn(case.user_id, self.handler | self.supervisor)

    def test_rights(self):
        self._line(team=self.team, partner_ids=self.acme.ids)
        qualification = self.env["complaint.qualification"].create(
            {"user_id": self.handler.id, "category_id": self.safety.id}
        )
        for user in (self.handler, self.supervisor, self.auditor):
            self.assertTrue(self.team.with_user(user).read(["routing_line_ids"]))
            self.assertTrue(qualification.with_user(user).read(["date_to"]))
            with self.assertRaises(AccessError):
                self.team.routing_line_ids.with_user(user).unlink()
            with self.assertRaises(AccessError):
                qualification.with_user(user).write({"note": "x"})
            with self.assertRaises(AccessError):
                self.team.with_user(user).write({"routing_method": "none"})
        qualification.with_user(self.manager).write({"note": "x"})
        with self.assertRaises(AccessError):
            qualification.with_user(self.customer).read(["note"])

    def test_qualifications_valid_today(self):
        lines = self.env["complaint.qualification"].create(
            [
                {
                    "user_id": user.id,
                    "category_id": self.safety.id,
                    "date_to": self.today + timedelta(days=days),
                }
                for user, days in ((self.handler, 0), (self.colleague, -1))
            ]
        )
        valid = lines.search([("is_valid", "=", True), ("id", "in", lines.ids)])
        self.assertEqual(valid, lines[0])
        self.assertEqual(lines.mapped("is_valid"), [True, False])
        self.assertEqual(lines.search([("is_valid", "!=", True)]) & lines, lines[1])

    # Costs ----------------------------------------------------------------------------

    def test_same_queries_for_few_and_many(self):
        self._line(team=self.team, partner_ids=self.beta.ids, user_id=self.handler.id)
        cases = self.env["complaint.case"].create(
            [self._case_values() for _n in range(59)]
        )

        def route(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._intake_route()
            self.env.flush_all()
            self.assertTrue(all(case.user_id for case in some))
            return self.env.cr.sql_log_count - before

        route(cases[:3])
        few, many = route(cases[3:9]), route(cases[9:])
        self.assertLessEqual(many - few, 6)


@tagged("post_install", "-at_install")
class TestRoutingTogether(BaseCase):
    """Two intakes at the same time do not give both complaints to one person."""

    def setUp(self):
        super().setUp()
        self.db = db_connect(get_db_name())
        self.ids = {}
        self.addCleanup(self._remove)
        with self.db.cursor() as cr:
            env = self._env(cr)
            members = env["res.users"].browse(
                new_test_user(env, f"cm_together_{n}", f"{MODULE}.group_handler").id
                for n in range(3)
            )
            team = env["complaint.team"].create(
                {
                    "name": "Together",
                    "member_ids": members.ids,
                    "routing_method": "round_robin",
                }
            )
            partner = env["res.partner"].create({"name": "Together"})
            self.ids = {
                "complaint.team": team.ids,
                "res.users": members.ids,
                "res.partner": (partner | members.partner_id).ids,
            }
            self.partner_id, self.team_id = partner.id, team.id

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {**NO_MAIL, "mail_notrack": True})

    def _remove(self):
        with self.db.cursor() as cr:
            env = self._env(cr)
            env["complaint.case"].search([("team_id", "=", self.team_id)]).unlink()
            for model, ids in self.ids.items():
                env[model].browse(ids).unlink()

    def _intake(self, cr):
        return self._env(cr)["complaint.case"]._intake(
            [
                {
                    "subject": "Zzz",
                    "partner_id": self.partner_id,
                    "team_id": self.team_id,
                }
            ],
            "portal",
        )

    def test_parallel(self):
        given = []
        with self.db.cursor() as one, self.db.cursor() as two:
            # Both have begun before either is through.
            for cr in (one, two):
                cr.execute("SELECT count(*) FROM complaint_handover")
            first, second = self._intake(one), self._intake(two)
            self.assertNotEqual(first.user_id.id, second.user_id.id)
            given += [first.user_id.id, second.user_id.id]
        with self.db.cursor() as cr:
            given.append(self._intake(cr).user_id.id)
        self.assertEqual(len(set(given)), 3, "and the third goes to the third")

    def test_number_that_came_to_nothing(self):
        """An intake that is undone costs nobody a turn for long."""
        for _n in range(2):
            cr = self.db.cursor()
            self._intake(cr)
            cr.rollback()
            cr.close()
        with self.db.cursor() as cr:
            given = Counter(self._intake(cr).user_id.id for _n in range(6))
        self.assertEqual(set(given.values()), {2})
