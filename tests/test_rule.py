from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import MODULE, ComplaintCommon


@tagged("post_install", "-at_install")
class TestRule(ComplaintCommon):
    """What the wording and circumstances of a complaint say about it (B1-B4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["complaint.rule"]
        cls.rules.search([]).active = False
        cls.late = cls.env.ref(f"{MODULE}.category_delivery_late")
        cls.safety = cls.env.ref(f"{MODULE}.category_quality_safety")

    def _rule(self, **values):
        return self.rules.create({"name": "A rule", "set_priority": "2", **values})

    def _intake(self, text="It hurts", channel="phone", **values):
        vals = {"subject": text, "partner_id": self.customer.partner_id.id, **values}
        return self.env["complaint.case"]._intake([vals], channel)

    # Words ----------------------------------------------------------------------------

    def test_words(self):
        self._rule(
            words="hurt*, 受伤",
            words_without="joke",
            phrases_ignored="nobody was hurt, 没有受伤",
        )
        for text, fits in (
            ("It HURTS, badly", True),
            ("They were hurt.", True),
            ("Yoghurt is off", False),
            ("孩子受伤了", True),
            ("没有受伤", False),
            ("没有受伤，但是邻居受伤了", True),
            ("Thank God nobody was hurt", False),
            ("Nobody was hurt at first. Then my son was hurt.", True),
            ("It hurts, but it is a joke", False),
        ):
            with self.subTest(text):
                self.assertEqual(self._intake(text).priority == "2", fits)

    def test_and_one_of(self):
        self._rule(words="baby, 婴儿", words_also="fire, 着火")
        self.assertEqual(self._intake("Fire beside the baby").priority, "2")
        self.assertEqual(self._intake("婴儿房着火").priority, "2")
        self.assertEqual(self._intake("The baby cries").priority, "0")

    # Circumstances --------------------------------------------------------------------

    def test_circumstances(self):
        gold = self.env["res.partner.category"].create({"name": "Gold"})
        kitchen = self.env["product.category"].create({"name": "Kitchen"})
        self.product.categ_id = self.env["product.category"].create(
            {"name": "Kettles", "parent_id": kitchen.id}
        )
        phone = self.env.ref(f"{MODULE}.channel_phone")
        order = {"order_id": self.order.id, "product_id": self.product.id}
        total = self.order.amount_total
        self.assertGreater(total, 50)
        for conditions, values, fits in (
            ({"order_amount_min": total}, order, True),
            ({"order_amount_min": total + 1}, order, False),
            ({"order_amount_max": total - 1}, order, False),
            ({"order_amount_min": 1}, {}, False),
            ({"product_category_ids": kitchen.ids}, order, True),
            ({"product_category_ids": kitchen.ids}, {}, False),
            ({"channel_ids": phone.ids}, {}, True),
            ({"source": "institutional"}, {"source": "institutional"}, True),
            ({"source": "institutional"}, {}, False),
            ({"customer_type": "company"}, {}, True),
            ({"customer_type": "government"}, {}, False),
            ({"lang": "en_US"}, {}, True),
            (
                {"category_ids": self.late.parent_id.ids},
                {"category_id": self.late.id},
                True,
            ),
            ({"category_ids": self.late.ids}, {"category_id": self.category.id}, False),
        ):
            with self.subTest(conditions):
                rule = self._rule(**conditions)
                self.assertEqual(self._intake(**values).priority == "2", fits)
                rule.active = False
        # The tag may be the company's.
        self._rule(partner_tag_ids=gold.ids)
        self.assertEqual(self._intake().priority, "0")
        self.acme.category_id = gold
        self.assertEqual(self._intake().priority, "2")

    def test_rules_of_another_company_do_not_count(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self._rule(words="hurts", company_id=company.id)
        self.assertEqual(self._intake().priority, "0")
        self.assertEqual(self._intake(company_id=company.id).priority, "2")

    def test_category_of_the_wording_is_a_condition(self):
        self._rule(category_ids=self.late.ids, set_nature="major")
        self.assertEqual(self._intake("My parcel never arrived").nature, "major")
        # An earlier rule's category counts more than the wording's.
        self._rule(words="parcel", set_category_id=self.safety.id, sequence=1)
        case = self._intake("My parcel never arrived")
        self.assertEqual((case.category_id, case.nature), (self.safety, "general"))

    # Effects --------------------------------------------------------------------------

    def test_first_decides_and_priority_is_raised(self):
        tags = self.env["complaint.tag"].create([{"name": "T1"}, {"name": "T2"}])
        self._rule(
            words="hurts",
            set_priority="1",
            set_nature="major",
            set_tag_ids=tags[0].ids,
            set_team_id=self.other_team.id,
        )
        self._rule(
            words="hurts",
            set_priority="2",
            set_nature="invalid",
            set_handling_mode="committee",
            set_tag_ids=tags.ids,
            set_team_id=self.team.id,
        )
        case = self._intake()
        self.assertEqual(
            (
                case.priority,
                case.nature,
                case.handling_mode,
                case.team_id,
                case.tag_ids,
            ),
            ("2", "major", "committee", self.other_team, tags),
        )

    def test_what_is_given_stays(self):
        self._rule(words="hurts", set_nature="major", set_category_id=self.safety.id)
        case = self._intake(
            nature="repeat",
            priority="1",
            category_id=self.late.id,
            team_id=self.team.id,
        )
        self.assertEqual(
            (case.nature, case.priority, case.category_id),
            ("repeat", "1", self.late),
        )
        lines = {line.field: line for line in case.classification_ids}
        self.assertEqual(lines["nature"].value, "major", "it is on record all the same")

    def test_confidential_is_never_hidden_from_everybody(self):
        self._rule(words="hurts", set_confidential=True)
        case = self._intake(team_id=self.team.id)
        self.assertTrue(case.is_confidential)
        self.assertIn(self.supervisor, case.confidential_user_ids)
        self.assertIn(self.manager, case.confidential_user_ids)
        self.assertTrue(case.with_user(self.manager).read(["subject"]))
        with self.assertRaises(AccessError):
            case.with_user(self.handler).read(["subject"])
        self.rules.search([]).confidential_user_ids = self.colleague
        case = self._intake()
        self.assertEqual(case.confidential_user_ids, self.colleague)

    def test_history_is_not_judged_anew(self):
        self._rule(words="hurts")
        case = (
            self.env["complaint.case"]
            .with_context(complaint_history=True)
            .create({"subject": "It hurts, my parcel never arrived"})
        )
        self.assertEqual((case.priority, case.category_id), ("0", self.late))

    # Reasons --------------------------------------------------------------------------

    def test_the_reason_is_told_and_kept(self):
        rule = self._rule(
            name="Pain", words="hurts, ache", set_nature="major", order_amount_min=10
        )
        case = self._intake("It hurts", order_id=self.order.id)
        [line] = case.classification_ids.filtered(lambda line: line.field == "priority")
        self.assertEqual((line.rule_id, line.rule_version), (rule, 1))
        text = case.with_user(self.handler).classification_text
        self.assertIn("Urgent, Major", text)
        self.assertIn("“hurts”", text)
        self.assertIn("10", text)
        self.assertIn("Pain", text)
        rule.words = "hurts, ache, pain"
        rule.sequence = 7
        self.assertEqual(rule.version, 2)
        self.assertEqual(line.rule_version, 1)
        with self.assertRaises(UserError):
            line.value = "0"
        with self.refuses(ValidationError, "Archive it"):
            rule.unlink()

    def test_words_of_a_category_are_a_reason(self):
        case = self._intake("My parcel never arrived")
        [line] = case.classification_ids
        self.assertEqual((line.kind, line.value), ("words", str(self.late.id)))
        self.assertIn("never arrived", case.classification_text)

    def test_reason_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self._rule(name="Pain", words="hurts")
        case = self._intake()
        text = case.with_context(lang="zh_CN").classification_text
        self.assertIn("hurts", text)
        self.assertNotIn("Urgent", text)

    # A person decides otherwise -------------------------------------------------------

    def test_otherwise_needs_a_reason(self):
        self._rule(words="hurts", set_nature="major")
        case = self._intake(user_id=self.handler.id).with_user(self.handler)
        with self.refuses(UserError, "say why"):
            case.priority = "0"
        with self.refuses(UserError, "say why"):
            case.write({"priority": "1", "override_reason": "  "})
        case.write({"priority": "0", "override_reason": "A figure of speech"})
        line = case.classification_ids[-1]
        self.assertEqual(
            (line.kind, line.field, line.value, line.before, line.user_id, line.reason),
            ("person", "priority", "0", "2", self.handler, "A figure of speech"),
        )
        text = case.classification_text
        self.assertIn("General instead of Urgent: A figure of speech", text)
        self.assertIn("Major", text)
        # Back to the proposal, or what was not proposed: no reason asked.
        case.write({"priority": "2", "subject": "It hurts much"})
        self.assertNotIn("instead of", case.classification_text)
        case.handling_mode = "committee"

    def test_the_system_raises_without_a_reason(self):
        self._rule(words="hurts", set_priority="1")
        case = self._intake()
        case.sudo().priority = "2"
        self.assertEqual(case.priority, "2")

    def test_reason_in_the_form(self):
        self._rule(words="hurts", set_nature="major")
        case = self._intake(user_id=self.handler.id)
        form = Form(case.with_user(self.handler))
        self.assertFalse(form.needs_override_reason)
        form.priority = "1"
        self.assertTrue(form.needs_override_reason)
        with self.assertRaises(AssertionError):  # it is required
            form.save()
        form.override_reason = "No pain any more"
        form.save()
        self.assertEqual(case.classification_ids[-1].reason, "No pain any more")
        form = Form(case.with_user(self.handler))
        self.assertFalse(form.override_reason)
        self.assertFalse(form.needs_override_reason)

    # Typed in -------------------------------------------------------------------------

    def test_typing_proposes(self):
        self._rule(words="hurts", set_nature="major")
        form = Form(self.env["complaint.case"].with_user(self.handler))
        form.subject = "It hurts, my parcel never arrived"
        self.assertEqual(form.priority, "2")
        self.assertEqual(form.nature, "major")
        self.assertEqual(form.category_id, self.late)
        self.assertIn("hurts", form.classification_text)
        case = form.save()
        self.assertEqual(
            set(case.classification_ids.mapped("field")),
            {"priority", "nature", "category_id"},
        )

    def test_typing_does_not_insist(self):
        self._rule(words="hurts")
        form = Form(self.env["complaint.case"].with_user(self.handler))
        form.subject = "It hurts"
        form.priority = "0"
        form.description = "<p>And more</p>"
        self.assertEqual(form.priority, "0")
        self.assertTrue(form.needs_override_reason)
        form.override_reason = "Said in jest"
        case = form.save()
        self.assertEqual(case.priority, "0")
        self.assertEqual(case.classification_ids[-1].reason, "Said in jest")

    def test_plain_create_proposes_nothing(self):
        self._rule(words="leaks")
        self.assertEqual(self._case().priority, "0")

    # Again ----------------------------------------------------------------------------

    def test_classify_again(self):
        case = self._case(user_id=self.handler.id, subject="It hurts")
        self._rule(words="hurts", set_nature="major")
        case.with_user(self.handler).action_classify()
        self.assertEqual((case.priority, case.nature), ("2", "major"))
        case.with_user(self.handler).write(
            {"priority": "1", "override_reason": "Less than that"}
        )
        case.with_user(self.handler).action_classify()
        self.assertEqual(case.priority, "1", "a person decided")
        self.assertEqual(
            len(case.classification_ids.filtered("is_current")), 3, "and no doubles"
        )
        with self.assertRaises(AccessError):
            case.with_user(self.auditor).action_classify()

    # Trying ---------------------------------------------------------------------------

    def test_try(self):
        cases = self._case(subject="Leaky lid") | self._case(subject="Dry lid")
        old = self._case(subject="Leaky tap", date_received="2020-01-01")
        rule = self._rule(words="leaky")
        action = rule.with_user(self.manager).action_try()
        trial = self.env["complaint.rule.trial"].browse(action["res_id"])
        self.assertEqual(trial.case_ids & (cases | old), cases[0])
        self.assertEqual(trial.fitting_count, len(trial.case_ids))
        domain = trial.with_user(self.manager).action_view_cases()["domain"]
        self.assertIn(cases[0], self.env["complaint.case"].search(domain))
        with self.assertRaises(AccessError):
            rule.with_user(self.supervisor).action_try()

    # Checks ---------------------------------------------------------------------------

    def test_lists_of_words_are_tidy(self):
        rule = self._rule(words=" a  b,\n   c、a b\n，")
        self.assertEqual(rule.words, "a b, c")
        rule.words = "a b,c"
        self.assertEqual((rule.words, rule.version), ("a b, c", 1), "nothing changed")

    def test_nonsense_is_refused(self):
        with self.refuses(ValidationError, "no condition"):
            self._rule()
        with self.refuses(ValidationError, "does nothing"):
            self._rule(words="x", set_priority=False)

    def test_rights(self):
        rule = self._rule(words="hurts")
        case = self._intake()
        for user in (self.handler, self.supervisor, self.auditor):
            rule.with_user(user).read(["words"])
            with self.assertRaises(AccessError):
                rule.with_user(user).write({"words": "x"})
            case.classification_ids.with_user(user).read(["because_text"])
            with self.assertRaises(AccessError):
                case.classification_ids.with_user(user).unlink()
        rule.with_user(self.manager).write({"words": "x"})
        for user in (self.customer, self.employee):
            with self.assertRaises(AccessError):
                rule.with_user(user).read(["words"])
            with self.assertRaises(AccessError):
                case.classification_ids.with_user(user).read(["value"])
        with self.assertRaises(AccessError):
            self.env["complaint.classification"].with_user(self.manager).create(
                {"case_id": case.id, "field": "priority", "kind": "rule"}
            )

    def test_same_queries_for_few_and_many(self):
        self._rule(words="hurts", set_confidential=True, order_amount_min=1)
        self._rule(words="hurts", partner_tag_ids=[(0, 0, {"name": "VIP"})])
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "parent_id": self.acme.id} for n in range(60)]
        )

        def classify(number, first):
            vals_list = [
                {
                    "subject": "It hurts, never arrived",
                    "partner_id": partner.id,
                    "order_id": self.order.id,
                }
                for partner in people[first : first + number]
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["complaint.case"]._intake_classify(vals_list)
            self.env["complaint.case"]._intake_team(vals_list)
            self.assertEqual({vals["priority"] for vals in vals_list}, {"2"})
            return self.env.cr.sql_log_count - before

        classify(1, 0)
        few, many = classify(5, 1), classify(50, 6)
        self.assertEqual(few, many)
        self.assertLess(many, 40)


@tagged("post_install", "-at_install")
class TestShippedRules(ComplaintCommon):
    """The rules that come with the add-on, on everyday sentences of both languages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.complaint_repeat_days = 0  # all are of one customer

    def _case_of(self, text, **values):
        vals = {"subject": text, "partner_id": self.customer.partner_id.id, **values}
        return self.env["complaint.case"]._intake([vals], "portal")

    def test_sentences(self):
        for text, priority, nature, rule in (
            ("The charger caught fire at night", "2", "major", "fire"),
            ("充电器半夜着火了", "2", "major", "fire"),
            ("My hand was injured by the lid", "2", "major", "injury"),
            ("吹风机漏电，孩子的手被烫伤", "2", "major", "fire"),
            ("Nobody was injured, but the box was late", "0", "general", None),
            ("没有人受伤，但是快递晚了", "0", "general", None),
            ("My lawyer will contact you", "1", "general", "legal"),
            ("再不解决就找律师起诉", "1", "general", "legal"),
            ("I shall call the consumer association", "1", "general", "regulator"),
            ("我要打12315投诉", "1", "general", "regulator"),
            ("My personal data was sent to a stranger", "2", "major", "data"),
            ("你们泄露了我的个人信息", "2", "major", "data"),
            ("The driver discriminated against my wife", "1", "major", "misconduct"),
            ("Press the button and nothing happens", "0", "general", None),
            ("The zipper broke", "0", "general", None),
            ("You broke my vase, ordered with number 12345", "0", "general", None),
            ("The television for my daughter is late", "0", "general", "vulnerable"),
        ):
            with self.subTest(text):
                case = self._case_of(text)
                self.assertEqual((case.priority, case.nature), (priority, nature))
                if rule:
                    self.assertIn(
                        self.env.ref(f"{MODULE}.rule_{rule}"),
                        case.classification_ids.rule_id,
                    )

    def test_vulnerable_person_with_danger(self):
        case = self._case_of("The heater throws sparks beside my baby")
        self.assertEqual((case.triage_vulnerable, case.triage_safety), ("1", "2"))
        self.assertEqual(case.triage_band, "urgent")

    def test_authority(self):
        case = self._case_of("We ask for your position", source="institutional")
        self.assertEqual((case.priority, case.handling_mode), ("2", "committee"))
