import re
import subprocess
import unicodedata
from datetime import datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import MODULE, ComplaintCommon

ACKNOWLEDGEMENT = f"{MODULE}.report_complaint_acknowledgement"
RESOLUTION = f"{MODULE}.report_complaint_resolution"
#: How a day is written in Chinese, whatever the translation of the letter.
CHINESE_DAY = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")


def squeeze(text):
    """Plain spaces and letters: dates carry narrow spaces, PDFs look-alike signs."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


class LettersCommon(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.chinese = cls.env["res.partner"].create(
            {
                "name": "李娜",
                "email": "li@china.example.com",
                "lang": "zh_CN",
                "tz": "Asia/Shanghai",
            }
        )
        # Known for longer than the complaint, as customers are.
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE res_partner SET create_date = create_date - INTERVAL '1 day' "
            "WHERE id IN %s",
            [(cls.chinese.id, cls.customer.partner_id.id)],
        )
        cls.env.invalidate_all()
        cls.company.write({"email": "care@shop.example.com"})
        cls.customer.partner_id.tz = "Europe/Berlin"

    @classmethod
    def _case_with_findings(cls, **values):
        return cls._case(
            **{
                "user_id": cls.handler.id,
                "order_id": cls.order.id,
                "partner_id": cls.customer.partner_id.id,
                "answer": "<h1>Remedy</h1><p>We replace the kettle.</p>",
                "allegation_ids": [
                    Command.create(
                        {
                            "summary": "Leaks at the base",
                            "order_line_id": cls.order.order_line[0].id,
                            "finding": "upheld",
                            "reason": "The seal is\nworn.",
                        }
                    ),
                    Command.create(
                        {
                            "summary": "Too loud",
                            "finding": "not_upheld",
                            "reason": "Measured: within the norm.",
                        }
                    ),
                ],
                **values,
            }
        )

    def _html(self, report, cases, user=None):
        """The letter as text, and as markup in ``self.markup``."""
        reports = self.env["ir.actions.report"].with_user(user or self.handler)
        self.markup = reports._render_qweb_html(report, cases.ids)[0].decode()
        body = re.sub(r"(?s)<(style|script|head).*?</\1>", "", self.markup)
        return squeeze(re.sub(r"<[^>]+>", " ", body))

    def _mail(self, case):
        """The last mail queued for the customer of a case."""
        return self.env["mail.mail"].search(
            [("model", "=", case._name), ("res_id", "=", case.id)],
            order="id desc",
            limit=1,
        )


@tagged("post_install", "-at_install")
class TestLetters(LettersCommon):
    """What the letters say, and to whom they are shown (I4)."""

    def test_resolution_tells_findings_reasons_and_remedy(self):
        case = self._case_with_findings()
        case._message_log(body="The supplier pays. Internal.")
        case.with_user(self.handler).action_answer()
        text = self._html(RESOLUTION, case)
        for expected in (
            case.name,
            "Dear Ann",
            "1. Leaks at the base",
            "You are right",
            "The seal is worn.",
            "2. Too loud",
            "We cannot agree",
            "Measured: within the norm.",
            "We replace the kettle.",
            self.order.name,
            self.product.name,
            "If you do not agree",
            squeeze(case._letter_objection_until()),
            self.handler.name,
        ):
            self.assertIn(expected, text)
        self.assertNotIn("supplier", text, "notes stay inside")
        self.assertNotIn("Draft", text)

    def test_resolution_of_a_refused_complaint(self):
        case = self._case_with_findings()
        case.with_user(self.handler)._refuse("<p>Another company sold it.</p>")
        text = self._html(RESOLUTION, case)
        self.assertIn("Our decision on your complaint", text)
        self.assertIn("Another company sold it.", text)
        self.assertNotIn("Leaks at the base", text, "nothing was examined")

    def test_no_letter_without_answer(self):
        case = self._case(answer="<p><br></p>", user_id=self.handler.id)
        with self.refuses(UserError, f"{re.escape(case.name)}.*has no answer yet"):
            self._html(RESOLUTION, case)

    def test_draft_is_marked_and_kept_from_the_customer(self):
        case = self._case_with_findings()
        self.assertIn("Draft", self._html(RESOLUTION, case))
        reports = self.env["ir.actions.report"].with_user(self.customer).sudo()
        with self.refuses(UserError, "has no answer yet"):
            reports._render_qweb_html(RESOLUTION, case.ids)
        case.with_user(self.handler).action_answer()
        letter = reports._render_qweb_html(RESOLUTION, case.ids)[0].decode()
        self.assertIn("We replace the kettle.", letter)

    def test_only_who_may_read_the_complaint_prints_it(self):
        case = self._case_with_findings()
        with self.assertRaises(AccessError):
            self._html(ACKNOWLEDGEMENT, case, self.stranger)
        with self.assertRaises(AccessError):
            self._html(ACKNOWLEDGEMENT, case, self.other_customer)
        self.assertIn(case.name, self._html(ACKNOWLEDGEMENT, case, self.auditor))
        self.assertEqual(
            self.env.ref(RESOLUTION).group_ids,
            self.env.ref(f"{MODULE}.group_handler")
            | self.env.ref(f"{MODULE}.group_auditor"),
        )

    def test_nothing_is_loaded_from_outside(self):
        case = self._case_with_findings(
            description='<p>Look: <img src="file:///etc/passwd"></p>',
            answer='<p>Yes<img src="http://10.0.0.1/x.png">'
            '<img src="file:///etc/passwd"><img src="//10.0.0.1/y.png">'
            '<img src="/web/image/1">'
            '<span style="background:url(http://10.0.0.1/z.png)">.</span></p>',
        )
        self._html(RESOLUTION, case)
        self.assertNotIn("10.0.0.1", self.markup)
        self.assertNotIn("passwd", self.markup)
        self.assertIn("/web/image/1", self.markup)
        self._html(ACKNOWLEDGEMENT, case)
        self.assertNotIn("passwd", self.markup)

    def test_acknowledgement_tells_number_limits_and_rights(self):
        case = self._case(description="<p>It drips.</p>", demand="A new one.")
        text = self._html(ACKNOWLEDGEMENT, case)
        promises = case._letter_promises()
        self.assertTrue(promises, "the shipped policies promise dates")
        for _what, when in promises:
            self.assertIn(squeeze(when), text)
        for expected in (case.name, "It drips.", "A new one.", "To object:"):
            self.assertIn(expected, text)

    def test_nothing_past_or_after_the_answer_is_promised(self):
        words = self._case()._letter_promise_words()
        late = self._case(date_received=datetime(2026, 3, 2, 9, 0))
        self.assertFalse(late._letter_promises())
        # Before a weekend, the next working day would come after 72 hours.
        self.team.calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Every day",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": "shift",
                            "dayofweek": str(day),
                            "hour_from": 8,
                            "hour_to": 16,
                        }
                    )
                    for day in range(7)
                ],
            }
        )
        repeat = self._case(nature="repeat")
        said = [what for what, _when in repeat._letter_promises()]
        self.assertIn(words["resolved"], said)
        self.assertNotIn(words["first_reply"], said)

    def test_limits_in_the_customers_time(self):
        case = self._case(partner_id=self.customer.partner_id.id)
        at = datetime(2026, 3, 12, 16, 30)
        self.assertRegex(case._letter_time(at), r"Thursday, March 12, 2026, 5:30\sPM")
        self.customer.partner_id.tz = "Asia/Shanghai"
        self.assertRegex(case._letter_time(at), r"Friday, March 13, 2026, 12:30\sAM")
        self.customer.partner_id.tz = False
        self.company.resource_calendar_id.tz = "America/New_York"
        self.assertRegex(case._letter_time(at), r"March 12, 2026, 12:30\sPM")

    def test_midnight_is_told_as_the_day_it_ends(self):
        case = self._case()
        end = case._letter_time(datetime(2026, 3, 12, 23, 0))
        self.assertEqual(end, "Thursday, March 12, 2026")

    def test_acknowledgement_printed_later_says_the_same(self):
        case = self._answered()
        promised = case._letter_promises()
        self.assertTrue(promised)
        case.with_user(self.customer).sudo()._customer_object("No")
        self.assertEqual(case._letter_promises(), promised)

    def test_objection_until(self):
        case = self._case_with_findings()
        case.with_user(self.handler).action_answer()
        self.assertEqual(
            case._letter_objection_until(), case._letter_time(case.next_event_at)
        )
        self.company.complaint_autoclose_days = 0
        case._plan_silence()
        self.assertEqual(case._letter_objection_until(), "")
        self.assertNotIn("we close your complaint", self._html(RESOLUTION, case))

    def test_letter_in_the_customers_language(self):
        case = self._case(partner_id=self.chinese.id, subject="电饭煲涂层脱落")
        text = self._html(ACKNOWLEDGEMENT, case)
        self.assertRegex(text, CHINESE_DAY)
        self.assertIn('data-oe-lang="zh_CN"', self.markup)
        template = self.env.ref(f"{MODULE}.complaint_letter_rights")
        title = template.with_context(lang="zh_CN").arch_db
        [heading] = re.findall(r"<h4>(.*?)</h4>", title)
        self.assertIn(heading, text, "by the translation, once there is one")

    def test_letters_of_two_languages_in_one_print(self):
        cases = self._case(partner_id=self.chinese.id) | self._case()
        self._html(ACKNOWLEDGEMENT, cases)
        self.assertEqual(
            re.findall(r'data-oe-lang="(\w+)"', self.markup), ["zh_CN", "en_US"]
        )

    def test_language_that_was_switched_off(self):
        case = self._case(partner_id=self.chinese.id)
        self.chinese.lang = "en_US"
        self.env["res.lang"].search([("code", "=", "zh_CN")]).active = False
        self.assertEqual(case._letter_lang(), "en_US")

    def test_letter_to_somebody_without_contact(self):
        case = self._case(
            partner_id=False, partner_name="Name withheld", email_from=False
        )
        self.assertIn("Name withheld", self._html(ACKNOWLEDGEMENT, case))


@tagged("post_install", "-at_install")
class TestMails(LettersCommon):
    """The right mail, to the right person, in the right language (A6, E4)."""

    def test_acknowledgement(self):
        case = self._case()
        case.with_user(self.handler).action_acknowledge()
        mail = self._mail(case)
        self.assertEqual(mail.state, "outgoing", "the queue sends it")
        self.assertEqual(mail.recipient_ids, self.customer.partner_id)
        self.assertIn(case.name, mail.subject)
        self.assertIn("care@shop.example.com", mail.email_from)
        self.assertIn("Dear Ann,", mail.body_html)
        for _what, when in case._letter_promises():
            self.assertIn(when, mail.body_html)
        self.assertIn("To object", mail.body_html)
        self.assertRegex(mail.body_html, r"/mail/view\?[^\"]*access_token=")

    def test_own_submission_reaches_the_customer(self):
        """The author of a message is not mailed: it must not be the customer."""
        case = (
            self.env["complaint.case"]
            .with_user(self.customer)
            .sudo()
            ._intake([self._case_values()], channel="portal")
        )
        mail = self._mail(case)
        self.assertEqual(mail.recipient_ids, self.customer.partner_id)
        self.assertNotEqual(mail.author_id, self.customer.partner_id)
        self.assertIn("care@shop.example.com", mail.email_from)

    def test_no_words_of_strangers(self):
        """Nobody's address is made to receive what a stranger wrote."""
        case = self.env["complaint.case"]._intake(
            [
                {
                    "subject": "Cheap pills at spam.example.com",
                    "description": "<p>Buy pills</p>",
                    "email_from": '"Visit spam.example.com" <victim@example.com>',
                }
            ],
            channel="website",
        )
        mail = self._mail(case)
        self.assertEqual(mail.recipient_ids.email, "victim@example.com")
        for word in ("spam.example.com", "pills"):
            self.assertNotIn(word, mail.body_html)
            self.assertNotIn(word, mail.subject)
        self.assertIn(case.name, mail.body_html)

    def test_answer_with_the_letter(self):
        case = self._case_with_findings()
        case.with_user(self.handler).action_answer()
        mail = self._mail(case)
        self.assertEqual(mail.recipient_ids, self.customer.partner_id)
        self.assertIn("We replace the kettle.", mail.body_html)
        self.assertIn(case._letter_objection_until(), mail.body_html)
        self.assertEqual(len(mail.attachment_ids), 1)
        self.assertIn(case.name.replace("/", "-"), mail.attachment_ids.name)
        self.assertIn("outgoing", mail.state)

    def test_the_key_stays_out_of_the_chatter(self):
        """Who reads the chatter could act as the customer by the link's key."""
        case = self._case_with_findings()
        case.with_user(self.handler).action_acknowledge()
        case.with_user(self.handler).action_answer()
        token = case._portal_ensure_token()
        self.assertTrue(token)
        self.assertNotIn(token, "".join(map(str, case.message_ids.mapped("body"))))
        self.assertIn(token, self._mail(case).body_html)

    def test_mails_in_the_customers_language(self):
        case = self._case_with_findings(
            partner_id=self.chinese.id, order_id=False, allegation_ids=False
        )
        case.with_user(self.handler).action_acknowledge()
        mail = self._mail(case)
        self.assertEqual(mail.recipient_ids, self.chinese)
        self.assertRegex(mail.body_html, CHINESE_DAY)
        self.assertIn('lang="zh', mail.body_html)
        case.with_user(self.handler).action_answer()
        mail = self._mail(case)
        self.assertRegex(mail.body_html, CHINESE_DAY)
        template = self.env.ref(f"{MODULE}.mail_template_case_answer")
        subject = template.with_context(lang="zh_CN").subject
        self.assertEqual(mail.subject, subject.replace("{{ object.name }}", case.name))

    def test_templates_name_their_recipient(self):
        for name in ("acknowledgement", "answer"):
            template = self.env.ref(f"{MODULE}.mail_template_case_{name}")
            self.assertFalse(template.use_default_to, "it would override partner_to")
            self.assertTrue(template.partner_to and template.lang)


@tagged("post_install", "-at_install")
class TestPdf(LettersCommon, HttpCase):
    """The letters as printed, with the styles of a running server."""

    def _pdf(self, report, cases):
        reports = self.env["ir.actions.report"].with_user(self.handler)
        reports = reports.with_context(force_report_rendering=True)
        content, kind = reports._render_qweb_pdf(report, cases.ids)
        self.assertEqual((kind, content[:5]), ("pdf", b"%PDF-"))
        return content

    def _tool(self, *command, content):
        done = subprocess.run(command, input=content, capture_output=True, check=True)
        return done.stdout.decode()

    def _text(self, content):
        return self._tool("pdftotext", "-layout", "-", "-", content=content)

    def test_resolution(self):
        case = self._case_with_findings()
        case.with_user(self.handler).action_answer()
        content = self._pdf(RESOLUTION, case)
        text = self._text(content)
        for expected in (case.name, "You are right", "We replace the kettle."):
            self.assertIn(expected, text)
        self.assertRegex(text, r"Page\s+1\s*/\s*1")

    def test_attached_to_the_answer(self):
        case = self._case_with_findings()
        case.with_context(force_report_rendering=True).with_user(
            self.handler
        ).action_answer()
        attachment = self._mail(case).attachment_ids
        self.assertEqual(attachment.mimetype, "application/pdf")
        self.assertIn("We replace the kettle.", self._text(attachment.raw))
        self.assertNotIn("Draft", self._text(attachment.raw))

    def test_many_allegations_flow_over_pages(self):
        case = self._case_with_findings(
            allegation_ids=[
                Command.create(
                    {
                        "summary": f"Point number {number}",
                        "finding": "partly",
                        "reason": "A reason that takes its room. " * 12,
                    }
                )
                for number in range(1, 13)
            ]
        )
        case.with_user(self.handler).action_answer()
        text = self._text(self._pdf(RESOLUTION, case))
        pages = text.rstrip("\f").split("\f")
        self.assertGreater(len(pages), 1)
        for number, page in enumerate(pages, 1):
            self.assertRegex(page, rf"Page\s+{number}\s*/\s*{len(pages)}")
            self.assertIn(self.company.name, page, "the letterhead on every page")
        for number in range(1, 13):
            self.assertIn(f"{number}. Point number {number}", text)
        self.assertIn("Kind regards", pages[-1])
        self.assertRegex(pages[-1], r"(?s)If you do not agree.*Kind regards")

    def test_several_letters_print_once(self):
        """Headings in an answer must not make Odoo print the whole set twice."""
        cases = self._case_with_findings(answer="<h1>One</h1><h2>Two</h2><p>x</p>")
        cases |= self._case_with_findings()
        cases.allegation_ids[0].reason = "A long reason. " * 600
        text = self._text(self._pdf(RESOLUTION, cases))
        self.assertEqual(text.count("Our answer to your complaint"), 2)

    def test_chinese_letter(self):
        case = self._case(
            partner_id=self.chinese.id,
            subject="电饭煲涂层脱落",
            description="<p>两台都有同样的问题。</p>",
        )
        content = self._pdf(ACKNOWLEDGEMENT, case)
        text = squeeze(self._text(content))
        self.assertIn("电饭煲涂层脱落", text)
        self.assertRegex(text, CHINESE_DAY)
        fonts = self._tool("pdffonts", "-", content=content)
        self.assertIn("NotoSansCJKsc", fonts, "simplified Chinese has its own face")

    def test_download_by_staff(self):
        case = self._case_with_findings()
        self.authenticate("cm_handler", "cm_handler")
        address = f"/report/pdf/{MODULE}.complaint_resolution/{case.id}"
        self.assertEqual(self.url_open(address).status_code, 200)
        self.authenticate("cm_stranger", "cm_stranger")
        self.assertNotEqual(self.url_open(address).status_code, 200)

    def test_file_name(self):
        case = self._case_with_findings()
        name = case._letter_file_name("resolution")
        self.assertIn(case.name.replace("/", "-"), name)
        self.assertNotIn("/", name)
