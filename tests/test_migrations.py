"""Migration scripts, run on a database that is put back to how it was before them."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools.sql import column_exists

from .common import ComplaintCommon

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def load(version, stage, name="migrate"):
    """Return a migration script as a module."""
    path = MIGRATIONS / version / f"{stage}-{name}.py"
    spec = spec_from_file_location("complaint_migration", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@tagged("post_install", "-at_install")
class TestMigrations(ComplaintCommon):
    def test_key_of_a_form_serves_every_door(self):
        case = self._case(request_key="ab" * 32)
        case.flush_recordset()
        self.env.cr.execute(
            "ALTER TABLE complaint_case RENAME COLUMN request_key TO portal_request"
        )
        script = load("19.0.1.1.0", "pre")
        script.migrate(self.env.cr, "19.0.1.0.0")
        self.assertFalse(column_exists(self.env.cr, case._table, "portal_request"))
        self.env.cr.execute(
            "SELECT request_key FROM complaint_case WHERE id = %s", [case.id]
        )
        self.assertEqual(self.env.cr.fetchone(), ("ab" * 32,))
        # Run again, as after an upgrade that was interrupted: nothing to do.
        script.migrate(self.env.cr, "19.0.1.0.0")

    def test_complaints_under_way_get_their_promise(self):
        under_way = self._case(user_id=self.handler.id)
        under_way.action_accept()
        received = self._case()
        under_way.promise_ids.unlink()
        self.assertFalse(under_way.next_update_at)
        script = load("19.0.1.1.0", "post", "keep-informed")
        for _again in range(2):
            script.migrate(self.env.cr, "19.0.1.0.0")
            self.env.invalidate_all()
            self.assertTrue(under_way.next_update_at)
            self.assertEqual(len(under_way.promise_ids), 1)
        self.assertFalse(received.next_update_at)

    def test_views_of_moved_lists_do_not_stop_an_upgrade(self):
        # As it stands in a database that was not upgraded yet.
        view = self.env.ref("complaint_management.complaint_case_view_form_waiting")
        self.env.cr.execute(
            "UPDATE ir_ui_view SET arch_db = jsonb_build_object('en_US', %s::text) "
            "WHERE id = %s",
            ["<field name='clock_ids' position='after'/>", view.id],
        )
        form = self.env.ref("complaint_management.complaint_case_view_form")
        form.invalidate_model()
        self.env.registry.clear_cache("templates")
        with self.assertRaises(ValidationError):
            form._check_xml()
        load("19.0.1.2.0", "pre", "pages").migrate(self.env.cr, "19.0.1.1.0")
        form.invalidate_model()
        self.env.registry.clear_cache("templates")
        form._check_xml()
        self.assertIn("data", view.arch)

    def test_headings_of_the_case_file_are_translated_anew(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        view = self.env.ref("complaint_management.complaint_case_file_document")
        here = view.with_context(lang="zh_CN")
        english = view.arch_db
        view.update_field_translations(
            "arch_db", {"zh_CN": {"8. Answers given": "7. 已作出的答复"}}
        )
        view.flush_recordset()
        self.assertIn("已作出的答复", here.arch_db)
        load("19.0.1.3.0", "pre", "case-file").migrate(self.env.cr, "19.0.1.2.0")
        view.invalidate_recordset()
        self.assertNotIn("已作出的答复", here.arch_db)
        self.assertEqual(view.arch_db, english)

    def test_limits_are_not_of_complaints_only(self):
        kinds = self.env["mail.activity.type"]
        for name in ("deadline", "escalation"):
            kinds |= self.env.ref(f"complaint_management.mail_activity_type_{name}")
        review = self.env.ref("complaint_management.mail_activity_type_review")
        kinds.res_model = "complaint.case"
        self.env.flush_all()
        load("19.0.1.3.0", "post", "activity-types").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertEqual(kinds.mapped("res_model"), [False, False])
        self.assertEqual(review.res_model, "complaint.case")

    def test_coupons_given_before_are_followed(self):
        case = self._case(user_id=self.handler.id)
        coupon, other = self.env["complaint.remedy"].create(
            [{"case_id": case.id, "kind": "apology", "note": "Sorry"}] * 2
        )
        # Coupons are known only where their app is installed.
        self.env.cr.execute(
            "UPDATE complaint_remedy SET state = 'executed', kind = %s WHERE id = %s",
            ["coupon", coupon.id],
        )
        load("19.0.1.3.0", "post", "coupons").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertTrue(coupon.next_event_at)
        self.assertFalse(other.next_event_at)

    def test_delay_after_closing_becomes_a_touch_point(self):
        company = self.env["res.company"].create({"name": "Slow"})
        self.env.cr.execute(
            "ALTER TABLE res_company ADD COLUMN complaint_feedback_delay_days integer "
            "DEFAULT 1"
        )
        self.env.cr.execute(
            "UPDATE res_company SET complaint_feedback_delay_days = 5 WHERE id = %s",
            [company.id],
        )
        script = load("19.0.1.4.0", "post", "touchpoints")
        for _again in range(2):
            script.migrate(self.env.cr, "19.0.1.3.0")
            self.env.invalidate_all()
            row = self.env["complaint.touchpoint"].search([("company_id", "!=", False)])
            self.assertEqual(row.company_id, company)
            self.assertEqual((row.touchpoint, row.delay_days), ("closed", 5))

    def test_rules_know_surveys_without_a_complaint(self):
        rules = {
            name: self.env.ref(f"complaint_management.complaint_feedback_rule_{name}")
            for name in ("handler", "involved")
        }
        shipped = {name: rule.domain_force for name, rule in rules.items()}
        rules["handler"].domain_force = "[('case_id.user_id', '=', user.id)]"
        rules[
            "involved"
        ].domain_force = "[('case_id.involved_user_ids', 'not in', user.ids)]"
        script = load("19.0.1.4.0", "post", "feedback-rules")
        for _again in range(2):
            script.migrate(self.env.cr, "19.0.1.3.0")
            for name, rule in rules.items():
                self.assertEqual(rule.domain_force, shipped[name])
                self.assertIn("('case_id', '=', False)", rule.domain_force)
        manager = self.env["complaint.feedback"].with_user(self.manager)
        self.assertFalse(manager.search([("id", "=", 0)]))

    def test_campaigns_that_nobody_named_are_named_by_their_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        campaigns = self.env["complaint.feedback.campaign"].create([{}] * 3)
        english, chinese, own = campaigns
        english.name = english._named_by_days()
        chinese.name = chinese.with_context(lang="zh_CN")._named_by_days()
        self.assertNotEqual(english.name, chinese.name)
        own.name = "Autumn"
        results = self.env["complaint.feedback.result"]
        missing, sent = results.create(
            [
                {
                    "month": "2026-03-01",
                    "company_id": self.company.id,
                    "user_id": one.id,
                }
                for one in (self.manager, self.supervisor)
            ]
        )
        self.env.flush_all()
        self.env.cr.execute(
            "ALTER TABLE complaint_feedback_result ADD COLUMN problem varchar"
        )
        self.env.cr.execute(
            "UPDATE complaint_feedback_result SET problem = 'Nowhere' WHERE id = %s",
            [missing.id],
        )
        script = load("19.0.1.5.0", "post", "campaign-names")
        for _again in range(2):
            script.migrate(self.env.cr, "19.0.1.4.0")
            self.env.invalidate_all()
            self.assertEqual(campaigns.mapped("name"), [False, False, "Autumn"])
            self.assertIn(self.manager.name, missing.problem)
            self.assertFalse(sent.problem)

    def test_results_by_mail_count_answers_to_surveys(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        template = self.env.ref("complaint_management.mail_template_feedback_result")
        old = "<p>Ours: <t t-out=\"total['answered']\">5</t></p>"
        template.body_html = old
        template.with_context(lang="zh_CN").body_html = old.replace("Ours", "我们的")
        self.env.flush_all()
        script = load("19.0.1.5.0", "post", "answers-to-surveys")
        for _again in range(2):
            script.migrate(self.env.cr, "19.0.1.4.0")
            self.env.invalidate_all()
            for lang, word in (("en_US", "Ours"), ("zh_CN", "我们的")):
                body = template.with_context(lang=lang).body_html
                self.assertIn("total['replied']", body)
                self.assertNotIn("total['answered']", body)
                self.assertIn(word, body)

    def test_call_backs_of_merged_complaints_are_found_again(self):
        target, merged = self._case(), self._case()
        feedback = self.env["complaint.feedback"].create(
            {
                "case_id": merged.id,
                "company_id": self.company.id,
                "state": "answered",
                "level": "dissatisfied",
            }
        )
        feedback._call_back()
        one = feedback.callback_ids
        merged._merge_into(target, tell=False)
        # As it was left before.
        one.case_id = merged
        self.env.flush_all()
        script = load("19.0.1.5.0", "post", "merged-callbacks")
        for _again in range(2):
            script.migrate(self.env.cr, "19.0.1.4.0")
            self.assertEqual((one.case_id, one.state), (target, "open"))

    def test_to_dos_to_approve_end_with_their_remedy(self):
        cases = one, several, none = self._case() | self._case() | self._case()
        remedies = self.env["complaint.remedy"].create(
            [
                {"case_id": case.id, "kind": "goodwill", "amount": 5}
                for case in (one, several, several)
            ]
        )
        kind = "complaint_management.mail_activity_type_remedy"
        for case in (one, *cases):
            case.activity_schedule(kind, user_id=self.supervisor.id)
        by_hand = none.activity_schedule(kind, user_id=self.handler.id)
        by_hand.automated = False
        other = none.activity_schedule("mail.mail_activity_data_todo")
        self.env.flush_all()
        script = load("19.0.1.5.0", "post", "approval-to-dos")
        for _again in range(2):
            script.migrate(self.env.cr, "19.0.1.4.0")
            self.env.invalidate_all()
            about = [case.activity_ids.complaint_remedy_id for case in cases]
            self.assertEqual(about[0], remedies[0])
            self.assertEqual(len(one.activity_ids), 2, "asked twice")
            self.assertEqual(len(several.activity_ids), 1)
            self.assertFalse(about[1], "nobody can tell which")
            self.assertEqual(none.activity_ids, by_hand | other)
        remedies[0].with_user(self.manager).action_approve()
        self.assertFalse(one.activity_ids)
