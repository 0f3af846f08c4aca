"""Merging and splitting: nothing is lost, nothing is done twice (A7)."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import MODULE, ComplaintCommon

MERGE = "complaint.merge.wizard"
SPLIT = "complaint.split.wizard"


class MergeCommon(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.target = cls._case(user_id=cls.handler.id)
        cls.source = cls._case(
            user_id=cls.colleague.id,
            subject="Kettle leaks (mail)",
            description="<p>Water everywhere</p>",
            demand="A new one",
            order_id=cls.order.id,
            product_id=cls.product.id,
            priority="2",
        )
        cls.allegation = cls.env["complaint.allegation"].create(
            {
                "case_id": cls.source.id,
                "summary": "It leaks",
                "order_line_id": cls.order.order_line.id,
            }
        )

    def _messages(self, *cases):
        return self.env["mail.message"].search(
            [
                ("model", "=", "complaint.case"),
                ("res_id", "in", [case.id for case in cases]),
            ]
        )

    def _files(self, *cases):
        return self.env["ir.attachment"].search(
            [
                ("res_model", "=", "complaint.case"),
                ("res_id", "in", [case.id for case in cases]),
            ]
        )

    def _write(self, case, body="It drips", **values):
        """The customer writes, with a file."""
        return case.message_post(
            body=body,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.customer.partner_id.id,
            attachments=[("photo.txt", b"a photo")],
            **values,
        )

    def _merge(self, source=None, target=None, user=None, **values):
        target = target or self.target
        source = source or self.source
        user = user or self.handler
        wizard = self.env[MERGE].with_user(user)
        wizard = wizard.create(
            {"case_ids": (source | target).ids, "target_id": target.id, **values}
        )
        wizard.action_merge()
        return wizard


@tagged("post_install", "-at_install")
class TestMerge(MergeCommon):
    def test_nothing_is_lost(self):
        for case in (self.target, self.source, self.source):
            self._write(case)
        self.env["ir.attachment"].create(
            {
                "name": "letter.txt",
                "raw": b"x",
                "res_model": self.source._name,
                "res_id": self.source.id,
            }
        )
        self.source.message_subscribe(self.manager.partner_id.ids)
        to_do = self.source.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.colleague.id, summary="Call"
        )
        done = self.source.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.colleague.id
        )
        done.action_feedback("Done")
        messages = self._messages(self.target, self.source)
        files = self._files(self.target, self.source)
        followers = (self.target | self.source).message_partner_ids
        tags = self.env["complaint.tag"].create([{"name": "A"}, {"name": "B"}])
        self.source.tag_ids, self.target.tag_ids = tags[0], tags[1]

        self._merge()

        self.assertFalse(messages - self._messages(self.target), "messages")
        self.assertEqual(self._files(self.target), files)
        self.assertFalse(self._files(self.source))
        self.assertFalse(followers - self.target.message_partner_ids)
        self.assertEqual(to_do.res_id, self.target.id)
        self.assertEqual(done.with_context(active_test=False).res_id, self.target.id)
        self.assertEqual(self.target.allegation_ids, self.allegation)
        self.assertEqual(self.target.tag_ids, tags)
        self.assertEqual(self.allegation.order_line_id, self.order.order_line)
        self.assertEqual(
            (self.target.order_id, self.target.product_id, self.target.priority),
            (self.order, self.product, "2"),
        )
        self.assertEqual(self.target.demand, "A new one")
        note = str(self.target.message_ids.mapped("body"))
        self.assertIn("Water everywhere", note)
        self.assertIn(self.source.name, note)

    def test_the_other_one_is_closed_and_points_on(self):
        self._merge()
        self.assertEqual((self.source.phase, self.source.outcome), ("closed", "merged"))
        self.assertEqual(self.source.merged_into_id, self.target)
        self.assertEqual(self.source._merge_target(), self.target)
        self.assertEqual(self.target._merge_target(), self.target)
        third = self._case()
        self._merge(self.target, third)
        self.assertEqual(self.source._merge_target(), third, "chains are followed")
        self.assertFalse(self.source.feedback_ids.filtered("next_event_at"))
        self.assertFalse(
            self.source.clock_ids.filtered(lambda clock: not clock.ended_at)
        )
        closed = self.source.milestone_ids.filtered(
            lambda row: row.milestone == "closed"
        )
        self.assertEqual(closed.user_id, self.handler)

    def test_still_counted(self):
        before = self.env["complaint.case"].search_count([])
        self._merge()
        self.assertEqual(self.env["complaint.case"].search_count([]), before)
        counts = dict(
            self.env["complaint.case"]._read_group([], ["outcome"], ["__count"])
        )
        self.assertEqual(counts["merged"], 1)

    def test_clocks_count_from_the_earliest(self):
        earlier = fields.Datetime.now() - timedelta(days=3)
        source = self._case(date_received=earlier, user_id=self.handler.id)
        before = {clock.milestone: clock.deadline for clock in self.target.clock_ids}
        self._merge(source)
        self.assertEqual(self.target.date_received, earlier)
        for clock in self.target.clock_ids:
            self.assertLess(clock.deadline, before[clock.milestone])
        self.assertIn(source.name, str(self.target.message_ids.mapped("body")))

    def test_missed_limits_do_not_stop_it(self):
        """They are judged in the complaint that remains."""
        source = self._case(
            date_received=fields.Datetime.now() - timedelta(days=30),
            user_id=self.handler.id,
        )
        source.clock_ids._pass()
        self.assertTrue(source.has_unexplained_breach)
        self._merge(source)
        self.assertEqual(source.outcome, "merged")
        self.assertTrue(self.target.is_overdue)
        self.assertFalse(source.has_unexplained_breach)
        found = source.search([("has_unexplained_breach", "=", True)])
        self.assertNotIn(source, found)

    def test_customer_is_told_once(self):
        other = self._case(partner_id=self.customer_colleague.partner_id.id)
        third = self._case()
        mails = self.env["mail.mail"].search([])
        self._merge(self.source | other | third)
        mails = self.env["mail.mail"].search([]) - mails
        people = (self.customer | self.customer_colleague).partner_id
        told = mails.filtered(lambda mail: "together" in (mail.subject or ""))
        self.assertEqual(len(told), 2, "each person once")
        self.assertEqual(told.recipient_ids, people)
        for number in (self.source | other | third | self.target).mapped("name"):
            self.assertIn(number, told[0].body_html)
        self.assertFalse(self.target.first_reply_at, "no reply to the matter")

    def test_customer_need_not_be_told(self):
        mails = self.env["mail.mail"].search_count([])
        self._merge(do_tell=False)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_later_words_of_the_customer_reach_the_target(self):
        self._merge()
        message = self._write(self.source, "And it smells")
        self.assertEqual(message.res_id, self.target.id)
        self.assertEqual(self._files(self.target), message.attachment_ids)
        mail = self.source.message_post(
            body="By mail",
            message_type="email",
            email_from="ann@acme.example.com",
            author_id=self.customer.partner_id.id,
        )
        self.assertEqual(mail.res_id, self.target.id)
        portal = self.source.with_user(self.customer).message_post(
            body="In the portal",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(portal.sudo().res_id, self.target.id)
        note = self.source.with_user(self.handler).message_post(body="A note")
        self.assertEqual(note.res_id, self.source.id, "staff note what they want")

    # What is refused ---------------------------------------------------------------

    def _refused(self, pattern, source=None, target=None, user=None):
        with self.refuses(UserError, pattern):
            self._merge(source, target, user)
        return (
            self.env[MERGE]
            .with_user(user or self.handler)
            .new(
                {
                    "case_ids": ((source or self.source) | (target or self.target)).ids,
                    "target_id": (target or self.target).id,
                }
            )
        )

    def test_different_customers(self):
        other = self._case(partner_id=self.other_customer.partner_id.id)
        for user in (self.handler, self.manager):
            wizard = self._refused("different customers", other, user=user)
            self.assertIn("different customers", wizard.obstacle)
        self.assertEqual(other.phase, "received")

    def test_without_a_customer_a_manager_decides(self):
        unknown = self._case(partner_id=False, partner_name="Walk-in")
        self._refused("ask a manager", unknown)
        self._refused("ask a manager", unknown, user=self.supervisor)
        self._merge(unknown, user=self.manager)
        self.assertEqual(unknown.merged_into_id, self.target)
        known = self._case()
        other = self._case(partner_id=False)
        self._merge(known, other, user=self.manager)
        self.assertEqual(other.partner_id, self.customer.partner_id)

    def test_confidential_into_open(self):
        self.source.write(
            {
                "is_confidential": True,
                "confidential_user_ids": (self.handler | self.manager).ids,
            }
        )
        self._refused("is confidential")
        self._merge(user=self.manager)
        self.assertTrue(self.target.is_confidential, "what was confidential stays so")
        self.assertEqual(
            self.target.confidential_user_ids,
            self.handler | self.manager | self.colleague,
        )
        self.assertFalse(self.target.with_user(self.supervisor).has_access("read"))

    def test_open_into_confidential(self):
        self.target.is_confidential = True
        self._merge()
        self.assertEqual(self.source.outcome, "merged")
        self.assertFalse(self.source.with_user(self.supervisor).merge_target_id)
        self.assertEqual(
            self.source.with_user(self.handler).merge_target_id, self.target
        )

    def test_what_is_on_record(self):
        answered = self._answered()
        self._refused("on record", answered)
        self._refused("on record", target=answered)
        answered._withdraw("Found")
        self._refused("on record", answered)
        self._merge()
        self._refused("merged already")
        self._refused("merged already", self._case(), self.source)

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.manager.company_ids |= company
        foreign = self._case(company_id=company.id, team_id=False)
        wizard = self.env[MERGE].with_user(self.manager)
        wizard = wizard.with_context(
            allowed_company_ids=(self.company | company).ids
        ).create({"case_ids": (foreign | self.target).ids, "target_id": self.target.id})
        with self.refuses(UserError, "another company"):
            wizard.action_merge()

    def test_only_one(self):
        self._refused("at least two", self.target, self.target)

    def test_outcome_is_set_by_merging_only(self):
        for user in (self.handler, self.manager):
            case = self.source.with_user(user)
            with self.refuses(UserError, "by merging it"):
                case.outcome = "merged"
            with self.refuses(UserError, "by merging it"):
                case.with_context(complaint_history=True).outcome = "merged"
            with self.refuses(AccessError, "."):
                case.write({"merged_into_id": self.target.id})
        with self.refuses(UserError, "by merging it"):
            self._case(outcome="merged")

    def test_register_may_tell_of_merged_ones(self):
        stage = self.env["complaint.stage"]._by_phase()["closed"]
        case = self.env["complaint.case"].with_context(complaint_history=True)
        case = case.create([self._case_values(outcome="merged", stage_id=stage.id)])
        self.assertEqual(case.outcome, "merged")
        self.assertEqual(case._merge_target(), case)

    def test_reopening_a_merged_one(self):
        self._merge()
        for phase in ("investigating", "accepted", "received"):
            with self.refuses(UserError, "is handled there"):
                self.source.with_user(self.handler)._move_to(phase)
        with self.refuses(UserError, "is handled there"):
            self.source.with_user(self.supervisor)._reopen("Why")

    # Who ---------------------------------------------------------------------------

    def test_both_sides_need_write_access(self):
        for user in (self.stranger, self.auditor, self.employee, self.customer):
            with self.refuses(AccessError, "."):
                (self.source | self.target).with_user(user).action_merge()
            with self.refuses(AccessError, "."):
                self.source.with_user(user)._merge_into(self.target.with_user(user))
        self.source.team_id = self.other_team
        self.source.user_id = False
        with self.refuses(AccessError, "."):
            self.source.with_user(self.handler)._merge_into(
                self.target.with_user(self.handler)
            )
        self._merge(user=self.manager)
        self.assertEqual(self.source.outcome, "merged")

    def test_dialogue(self):
        old = self._case(date_received=fields.Datetime.now() - timedelta(days=1))
        self._write(self.target)
        action = (self.target | old).with_user(self.handler).action_merge()
        form = Form(
            self.env[MERGE].with_user(self.handler).with_context(**action["context"])
        )
        self.assertEqual(form.target_id, old, "what came first remains")
        self.assertIn("files: 1", form.summary)
        self.assertFalse(form.obstacle)
        form.target_id = self.target
        form.save().action_merge()
        self.assertEqual(old.merged_into_id, self.target)

    def test_merged_ones_can_be_opened(self):
        self._merge()
        target = self.target.with_user(self.handler)
        self.assertEqual(target.merged_count, 1)
        self.assertEqual(
            self.env["complaint.case"].search(target.action_view_merged()["domain"]),
            self.source,
        )
        self.source.is_confidential = True
        target.invalidate_recordset()
        self.assertEqual(target.with_user(self.supervisor).merged_count, 0)

    def test_many_cost_little_more_than_few(self):
        def cost(number):
            cases = self.env["complaint.case"].create(
                [self._case_values(user_id=self.handler.id) for _n in range(number)]
            )
            target = self._case(user_id=self.handler.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cases.with_user(self.handler)._merge_into(target, tell=False)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(2)
        # Twice: a cache that is full forgets, and what it held is read once more.
        few, many = (min(cost(number), cost(number)) for number in (5, 20))
        self.assertLessEqual(many - few, 15)


@tagged("post_install", "-at_install")
class TestSplit(MergeCommon):
    def _split(self, user=None, **values):
        case = values.pop("case", self.source)
        wizard = self.env[SPLIT].with_user(user or self.handler)
        wizard = wizard.create(
            {
                "case_id": case.id,
                "subject": "Another matter",
                "date_received": case.date_received,
                **values,
            }
        )
        return self.env["complaint.case"].browse(wizard.action_split()["res_id"])

    def test_split_stands_where_it_stood(self):
        """Nobody accepts and greets the same customer a second time."""
        source = self.source
        source.with_user(self.handler).action_accept()
        source._stamp(["first_reply"])
        line = self.env["complaint.allegation"].create(
            {"case_id": source.id, "summary": "Smells"}
        )
        new = self._split(allegation_ids=line.ids)
        self.assertEqual(new.phase, "accepted")
        self.assertEqual(new.accepted_at, source.accepted_at)
        self.assertEqual(new.first_reply_at, source.first_reply_at)
        found = new.with_user(self.handler).similar_cases
        self.assertNotIn(source.id, [one["id"] for one in found or []])

    def test_split(self):
        stays, goes = self._write(self.source), self._write(self.source, "The lid, too")
        self.source.date_received = fields.Datetime.now() - timedelta(days=2)
        new = self._split(allegation_ids=self.allegation.ids, message_ids=goes.ids)
        self.assertEqual(new.allegation_ids, self.allegation)
        self.assertFalse(self.source.allegation_ids)
        self.assertEqual((stays.res_id, goes.res_id), (self.source.id, new.id))
        self.assertEqual(goes.attachment_ids.res_id, new.id)
        self.assertEqual(stays.attachment_ids.res_id, self.source.id)
        self.assertEqual(new.split_from_id, self.source)
        self.assertEqual(new.with_user(self.handler).split_source_id, self.source)
        for name in ("partner_id", "order_id", "product_id", "team_id", "company_id"):
            self.assertEqual(new[name], self.source[name], name)
        self.assertEqual(new.date_received, self.source.date_received)
        self.assertEqual(
            set(new.clock_ids.mapped("started_at")), {self.source.date_received}
        )
        self.assertNotEqual(new.name, self.source.name)
        self.assertIn(new.name, str(self.source.message_ids.mapped("body")))
        self.assertIn(self.source.name, str(new.message_ids.mapped("body")))
        self.assertTrue(new.acknowledged_at)

    def test_what_was_merged_by_mistake(self):
        message = self._write(self.source)
        self._merge()
        new = self._split(
            case=self.target,
            allegation_ids=self.allegation.ids,
            message_ids=message.ids,
            do_tell=False,
        )
        self.assertEqual(self._messages(new) & message, message)
        self.assertEqual(new.allegation_ids, self.allegation)
        self.assertFalse(new.acknowledged_at)

    def test_refused(self):
        message = self._write(self.source)
        with self.refuses(UserError, "Choose the allegations or messages"):
            self._split()
        with self.refuses(UserError, "no longer here"):
            self._split(message_ids=self._write(self.target).ids)
        for user in (self.stranger, self.auditor, self.employee):
            with self.refuses(AccessError, "."):
                self._split(user=user, message_ids=message.ids)
        self._merge()
        with self.refuses(UserError, "split that one"):
            self._split(message_ids=message.ids)

    def test_after_the_answer(self):
        case = self._answered()
        before = case.message_ids.filtered(
            lambda message: message.message_type == "comment"
        )[:1] or self._write(case)
        before.date = fields.Datetime.now() - timedelta(days=1)
        later = self._write(case, "By the way, the toaster burns")
        later.date = fields.Datetime.now() + timedelta(minutes=1)
        with self.refuses(UserError, "on record"):
            self._split(case=case, message_ids=before.ids)
        new = self._split(case=case, message_ids=later.ids)
        self.assertEqual(later.res_id, new.id)
        self.assertEqual(case.phase, "answered")

    def test_confidential_stays_so(self):
        self.source.write(
            {"is_confidential": True, "confidential_user_ids": self.handler.ids}
        )
        new = self._split(message_ids=self._write(self.source).ids)
        self.assertTrue(new.is_confidential)
        self.assertEqual(new.confidential_user_ids, self.handler)


@tagged("post_install", "-at_install")
class TestMergeTemplate(MergeCommon):
    def test_mail_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        template = self.env.ref(f"{MODULE}.mail_template_case_merged")
        self.customer.partner_id.lang = "zh_CN"
        self._merge()
        rendered = template._generate_template(
            self.target.ids, ["subject", "body_html"]
        )[self.target.id]
        self.assertIn(self.target.name, rendered["subject"])
        self.assertIn(self.source.name, rendered["body_html"])
