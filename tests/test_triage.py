from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.exceptions import ValidationError
from odoo.tests import BaseCase, Form, tagged

from odoo.addons.complaint_management.models.constants import TRIAGE, TRIAGE_POINTS
from odoo.addons.complaint_management.tools import triage

from .common import ComplaintCommon

LEVELS = st.fixed_dictionaries(
    {
        name: st.sampled_from([level for level, _label in levels])
        for name, levels in TRIAGE.items()
    }
)
THRESHOLDS = st.lists(st.integers(0, 30), min_size=3, max_size=3).map(
    lambda limits: triage.Thresholds(*sorted(limits))
)
#: A machine under load is slow in making up numbers.
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
BANDS = ["low", "important", "urgent", "major"]


@tagged("post_install", "-at_install")
class TestTriageArithmetic(BaseCase):
    """Points and bands: worse answers never give a better result."""

    def test_every_level_has_its_points(self):
        self.assertEqual(set(TRIAGE), set(TRIAGE_POINTS))
        for name, levels in TRIAGE.items():
            self.assertEqual(len(levels), len(TRIAGE_POINTS[name]), name)
            self.assertEqual(list(TRIAGE_POINTS[name]), sorted(TRIAGE_POINTS[name]))
            self.assertEqual(TRIAGE_POINTS[name][0], 0)

    @QUICK
    @given(LEVELS, st.sampled_from(sorted(TRIAGE)), THRESHOLDS)
    def test_monotone(self, levels, name, thresholds):
        total = triage.score(levels, TRIAGE_POINTS)
        for level, _label in TRIAGE[name]:
            if level < levels[name]:
                continue
            worse = triage.score({**levels, name: level}, TRIAGE_POINTS)
            self.assertGreaterEqual(worse, total)
            self.assertGreaterEqual(
                triage.priority_of(worse, thresholds),
                triage.priority_of(total, thresholds),
            )
            self.assertGreaterEqual(
                BANDS.index(triage.band_of(worse, thresholds)),
                BANDS.index(triage.band_of(total, thresholds)),
            )

    @QUICK
    @given(st.integers(0, 40), THRESHOLDS)
    def test_band_and_priority_agree(self, total, thresholds):
        band = triage.band_of(total, thresholds)
        self.assertEqual(band == "major", triage.is_major(total, thresholds))
        expected = {"low": "0", "important": "1", "urgent": "2", "major": "2"}[band]
        self.assertEqual(triage.priority_of(total, thresholds), expected)

    def test_nothing_answered_is_nothing(self):
        self.assertEqual(triage.score({}, TRIAGE_POINTS), 0)
        self.assertEqual(triage.score({"triage_harm": False}, TRIAGE_POINTS), 0)
        off = triage.Thresholds(0, 0, 0)
        self.assertEqual(triage.band_of(99, off), "low")


@tagged("post_install", "-at_install")
class TestTriage(ComplaintCommon):
    """The triage of a case sets priority and nature by thresholds (field.md 21)."""

    def test_answers_raise_and_sink(self):
        case = self._case(user_id=self.handler.id).with_user(self.handler)
        case.triage_harm = "2"
        self.assertEqual((case.triage_score, case.triage_band), (4, "important"))
        self.assertEqual((case.priority, case.nature), ("1", "general"))
        case.triage_safety = "2"
        self.assertEqual(
            (case.triage_score, case.priority, case.nature), (9, "2", "major")
        )
        text = case.classification_text
        self.assertIn("triage 9 points", text)
        self.assertIn("Harm: Injury or a considerable loss", text)
        # An answer that was wrong: what followed it goes back.
        case.triage_safety = "0"
        self.assertEqual((case.priority, case.nature), ("1", "general"))
        kinds = case.classification_ids.mapped("kind")
        self.assertEqual(set(kinds), {"triage"})
        self.assertEqual(len(case.classification_ids.filtered("is_current")), 1)

    def test_a_person_decided_otherwise(self):
        case = self._case(user_id=self.handler.id).with_user(self.handler)
        case.triage_harm = "2"
        case.write({"priority": "0", "override_reason": "Long healed"})
        case.triage_vulnerable = "1"
        self.assertEqual(case.priority, "0", "still important, as before")
        case.triage_safety = "3"
        self.assertEqual(case.priority, "2", "worse than what was judged")

    def test_in_the_form(self):
        case = self._case(user_id=self.handler.id)
        form = Form(case.with_user(self.handler))
        form.triage_safety = "3"
        self.assertEqual((form.priority, form.nature), ("2", "major"))
        self.assertFalse(form.needs_override_reason)
        form.save()
        self.assertEqual((case.priority, case.nature), ("2", "major"))
        form = Form(case.with_user(self.handler))
        form.triage_safety = "0"
        self.assertEqual((form.priority, form.nature), ("0", "general"))
        form.save()
        self.assertEqual((case.priority, case.nature), ("0", "general"))

    def test_new_case_with_answers(self):
        case = self._case(triage_publicity="3", triage_harm="1")
        self.assertEqual((case.triage_score, case.priority), (7, "2"))
        form = Form(self.env["complaint.case"].with_user(self.handler))
        form.subject = "Zzz"
        form.triage_publicity = "3"
        self.assertEqual(form.priority, "2")
        self.assertEqual(form.save().priority, "2")

    def test_thresholds_of_the_company(self):
        self.company.complaint_triage_urgent = 4
        case = self._case(triage_harm="2")
        self.assertEqual((case.priority, case.triage_band), ("2", "urgent"))
        with self.refuses(ValidationError, "fewest for important"):
            self.company.complaint_triage_important = 5
        with self.refuses(ValidationError, "fewest for important"):
            self.company.complaint_triage_important = -1
        self.company.complaint_triage_important = 0

    def test_rules_and_triage_together(self):
        case = self.env["complaint.case"]._intake(
            [
                {
                    "subject": "Our baby was injured",
                    "partner_id": self.customer.partner_id.id,
                }
            ],
            "portal",
        )
        self.assertEqual((case.triage_harm, case.triage_vulnerable), ("2", "1"))
        self.assertEqual(case.triage_score, 5)
        self.assertEqual(case.priority, "2")
        # The rule says urgent: the triage alone does not take that back.
        case.triage_vulnerable = "0"
        self.assertEqual(case.priority, "2")

    def test_many_at_once(self):
        few = self.env["complaint.case"].create([self._case_values() for _ in range(5)])
        many = self.env["complaint.case"].create(
            [self._case_values() for _ in range(50)]
        )

        def cost(cases):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cases.write({"triage_harm": "3"})
            self.env.flush_all()
            self.assertEqual(set(cases.mapped("priority")), {"2"})
            return self.env.cr.sql_log_count - before

        cost(few[:1])
        self.assertLessEqual(cost(many) - cost(few[1:]), 6)
