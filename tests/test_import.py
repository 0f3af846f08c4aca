"""Bringing a register in; ``./dev load`` uses the same wizard."""

import base64
import inspect
import re
from datetime import datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..tools.problems import Problem
from ..wizards import complaint_import
from .common import ComplaintCommon

#: Columns and oddities of a real register; the complaints are made up.
HEADER = (
    "Ticket,Customer_Complaint,Date,Date_month_year,Time,Received_Via,City,State,"
    "Zip_code,Status,Filing_on_behalf\n"
)


def row(number, text="Late", day="22-04-15", named="22-Apr-15", **cells):
    """A row of the register, as a program writes it."""
    cells = {
        "time": "3:53:50 PM",
        "via": "Internet",
        "place": "Salem,Ohio,44460",
        "status": "Open",
        "behalf": "No",
        **cells,
    }
    text = f'"{text}"' if "," in text else text
    return ",".join([str(number), text, day, named, *cells.values()]) + "\n"


PHONE = "Customer Care Call"
FOUR = [
    row(1001, "Payment disappeared", via=PHONE, status="Closed"),
    row(
        1002,
        'Slow, and ""rude""',
        "4/8/2015",
        "4-Aug-15",
        time="10:22:56 AM",
        place="Boston,Massachusetts,2108",
        status="Solved",
        behalf="Yes",
    ),
    row(1003, "No answer", "6/12/2015", "6-Dec-15", time="9:59:40 PM"),
    row(1004, "Wrong bill", "24-06-15", "24-Jun-15", via=PHONE, status="Pending"),
]
ROWS = "".join(FOUR)


class ImportCommon(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cases = cls.env["complaint.case"]
        cls.before = cls.cases.search([])

    def _wizard(self, text, user=None, encoding="utf-8", **values):
        data = text if isinstance(text, bytes) else text.encode(encoding)
        wizards = self.env["complaint.import"].with_user(user or self.manager)
        return wizards.create(
            {"file": base64.b64encode(data), "filename": "register.csv", **values}
        )

    def _bring_in(self, text, **options):
        wizard = self._wizard(text, **options)
        wizard.action_bring_in()
        return wizard

    def _case_of(self, reference):
        return self.cases.search([("import_reference", "=", reference)])

    def _rejected(self, wizard):
        findings = wizard.finding_ids.filtered(lambda one: one.kind == "rejected")
        return {finding.line: finding.text for finding in findings}

    def _counts(self, wizard):
        return (
            wizard.row_count,
            wizard.created_count,
            wizard.present_count,
            wizard.rejected_count,
            wizard.remaining_count,
        )


@tagged("post_install", "-at_install")
class TestImportRegister(ImportCommon):
    def test_regulator_register(self):
        wizard = self._bring_in(HEADER + ROWS)
        self.assertEqual(self._counts(wizard), (4, 4, 0, 0, 0))
        self.assertEqual(wizard.state, "done")
        self.assertFalse(wizard.rejected_file)
        self.assertEqual(wizard.used_mapping, "Register of a regulator")
        phone, web = self._case_of("1001"), self._case_of("1002")
        self.assertEqual(phone.subject, "Payment disappeared")
        self.assertEqual(phone.date_received, datetime(2015, 4, 22, 19, 53, 50))
        self.assertEqual(phone.channel_id.code, "phone")
        self.assertEqual(phone.source, "institutional")
        self.assertFalse(phone.is_on_behalf)
        self.assertFalse(phone.partner_id)
        self.assertIn("Place: Salem, Ohio 44460", phone.description)
        self.assertEqual(web.subject, 'Slow, and "rude"')
        # Month first: 8 April, whatever the spelling with the name of the month says.
        self.assertEqual(web.date_received, datetime(2015, 4, 8, 14, 22, 56))
        self.assertEqual(web.channel_id.code, "website")
        self.assertTrue(web.is_on_behalf)
        self.assertIn("Massachusetts 02108", web.description)

    def test_phase_and_outcome_by_status(self):
        self._bring_in(HEADER + ROWS, user_id=self.handler.id)
        for reference, phase, outcome, handler in [
            ("1001", "closed", "answered_without_agreement", False),
            ("1002", "closed", "settled", False),
            ("1003", "received", False, False),
            ("1004", "accepted", False, self.handler),
        ]:
            case = self._case_of(reference)
            self.assertEqual((case.phase, case.outcome), (phase, outcome))
            self.assertEqual(case.user_id, handler or case.user_id.browse())

    def test_category_is_proposed_by_the_wording(self):
        category = self.env["complaint.category"].create(
            {"name": "Bills", "keywords": "wrong bill of the month\nwrong bill"}
        )
        self._bring_in(HEADER + ROWS)
        self.assertEqual(self._case_of("1004").category_id, category)

    def test_limits_as_if_at_the_time(self):
        target = self.env["complaint.sla.policy"].create(
            {
                "name": "Test",
                "sequence": -1,
                "team_ids": self.team.ids,
                "target_ids": [
                    Command.create(
                        {"milestone": name, "amount": 24, "unit": "elapsed_hour"}
                    )
                    for name in ("accepted", "answered")
                ],
            }
        )
        self.assertEqual(len(target.target_ids), 2)
        self._bring_in(HEADER + ROWS, team_id=self.team.id)
        for reference, expected in [
            ("1001", {"accepted": "cancelled", "answered": "cancelled"}),
            ("1003", {"accepted": "breached", "answered": "breached"}),
            # Taken up, nobody knows when: that limit is not judged.
            ("1004", {"accepted": "cancelled", "answered": "breached"}),
        ]:
            clocks = self._case_of(reference).clock_ids
            self.assertEqual({c.milestone: c.state for c in clocks}, expected)
            for clock in clocks:
                self.assertEqual(clock.started_at, clock.case_id.date_received)
        late = self._case_of("1003").clock_ids[0]
        self.assertEqual(late.deadline, datetime(2015, 6, 14, 1, 59, 40))
        self.assertEqual(late.breached_at, late.deadline)

    def test_nobody_is_told(self):
        mails = self.env["mail.mail"].search_count([])
        self._bring_in(HEADER + ROWS, user_id=self.handler.id)
        cases = self.cases.search([]) - self.before
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertFalse(cases.activity_ids)
        self.assertEqual(cases.message_partner_ids, self.handler.partner_id)
        self.assertFalse(self._case_of("1001").message_partner_ids)
        self.assertFalse(cases.feedback_ids)
        messages = self._case_of("1002").message_ids
        self.assertEqual(len(messages), 1)
        self.assertIn("register.csv, line 3", messages.body)

    def test_twice_adds_nothing(self):
        self._bring_in(HEADER + ROWS)
        cases = self.cases.search([])
        self._case_of("1001").active = False
        again = self._bring_in(HEADER + ROWS)
        self.assertEqual(self._counts(again), (4, 0, 4, 0, 0))
        more = self._bring_in(HEADER + ROWS + ROWS.replace("100", "200"))
        self.assertEqual(self._counts(more), (8, 4, 4, 0, 0))
        self.assertEqual(
            len(self.cases.with_context(active_test=False).search([])), len(cases) + 4
        )

    def test_confidential_complaint_is_here_too(self):
        self._bring_in(HEADER + ROWS)
        self._case_of("1003").write(
            {"is_confidential": True, "confidential_user_ids": self.handler.ids}
        )
        self.assertEqual(self._counts(self._bring_in(HEADER + ROWS))[2:], (4, 0, 0))

    def test_other_company_has_its_own_numbers(self):
        self._bring_in(HEADER + ROWS)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.manager.company_ids += other
        wizard = self._wizard(HEADER + ROWS).with_context(allowed_company_ids=other.ids)
        wizard.action_bring_in()
        self.assertEqual(wizard.created_count, 4)
        self.assertEqual(self._case_of("1001").company_id, self.company | other)

    def test_check_only(self):
        wizard = self._wizard(HEADER + ROWS + "1005,x\n")
        wizard.action_check()
        self.assertEqual((wizard.new_count, wizard.rejected_count), (4, 1))
        self.assertEqual(wizard.state, "checked")
        self.assertEqual(self.cases.search([]), self.before)
        wizard.action_bring_in()
        self.assertEqual(self._counts(wizard), (5, 4, 0, 1, 0))

    # Rows at fault ------------------------------------------------------------

    def test_rows_at_fault_are_named_and_the_others_go_in(self):
        bad = "".join(
            [
                row(1005, day="31-02-15", named="31-Feb-15"),
                row(1006, named="23-Apr-15"),
                row(1007, time="25 o'clock"),
                row(1008, via="Pigeon"),
                row(1009, status="Lost"),
                row(1010, behalf="Maybe"),
                row(""),
                row(1012, ""),
                "1013,Late,22-04-15,22-Apr-15,3:53:50 PM,Internet,Salem,Ohio\n",
                row(1014, '"Late'),
                row(1001),
                row(1016, day="31-12-50", named="31-Dec-50"),
            ]
        )
        text = HEADER + FOUR[0] + bad + "".join(FOUR[1:])
        wizard = self._bring_in(text)
        self.assertEqual(self._counts(wizard), (16, 4, 0, 12, 0))
        rejected = self._rejected(wizard)
        for line, words in enumerate(
            [
                "“31-02-15” is not a date",
                "“22-04-15”, Date_month_year says “23-Apr-15”",
                "“25 o'clock” is not a time",
                "Received_Via: “Pigeon” is not known",
                "Status: “Lost” is not known",
                "Filing_on_behalf: “Maybe” is not known",
                "“External Number” is needed, and Ticket is empty",
                "“Subject” is needed, and Customer_Complaint is empty",
                "8 columns instead of 11",
                "quotation mark",
                "stands in line 2 already",
                "in the future",
            ],
            start=3,
        ):
            self.assertIn(words, rejected[line])
        # What stays out is given back as it was, to be mended.
        given_back = base64.b64decode(wizard.rejected_file).decode("utf-8-sig")
        self.assertEqual(given_back, HEADER + bad)

    @mute_logger("odoo.sql_db")
    def test_what_the_database_refuses_costs_one_row(self):
        self.env.flush_all()
        self.env.cr.execute(
            "ALTER TABLE complaint_case ADD CONSTRAINT complaint_case_no_internal "
            "CHECK (phone <> 'Internal')"
        )
        rows = "".join(
            f"{number},Late,2015-04-22 10:00,{source}\n"
            for number, source in enumerate(["External"] * 3 + ["Internal", "External"])
        )
        mapping = "\n".join(
            [
                '[fields.import_reference]\ncolumn = "Number"',
                '[fields.subject]\ncolumn = "Subject"',
                '[fields.date_received]\ncolumn = "Received"',
                'formats = ["%Y-%m-%d %H:%M"]',
                '[fields.phone]\ncolumn = "Source"',
            ]
        )
        wizard = self._bring_in(
            "Number,Subject,Received,Source\n" + rows,
            mapping="own",
            mapping_file=base64.b64encode(mapping.encode()),
        )
        self.assertEqual(self._counts(wizard), (5, 4, 0, 1, 0))
        self.assertIn("complaint_case_no_internal", self._rejected(wizard)[5])

    def test_remarks_are_counted(self):
        wizard = self._bring_in(HEADER + ROWS + ROWS.replace("100", "X0"))
        remarks = wizard.finding_ids.filtered(lambda one: one.kind == "remark")
        swapped = remarks.filtered(lambda one: "changed places" in one.text)
        self.assertEqual((swapped.count, swapped.lines), (4, "3, 4, 7, 8"))
        self.assertEqual(len(remarks - swapped), 4)
        self.assertIn("“X01”", (remarks - swapped)[0].text)

    # Files --------------------------------------------------------------------

    def test_encodings_separators_and_marks(self):
        text = HEADER + ROWS.replace("Payment disappeared", "Café – “fermé”")
        for number, encoding in enumerate(["utf-8-sig", "cp1252", "utf-16"], start=2):
            data = text.replace("100", f"{number}00").replace(",", ";")
            data = data.replace("Slow; and", "Slow, and").replace("\n", "\r\n")
            wizard = self._bring_in(data, encoding=encoding)
            self.assertEqual(wizard.created_count, 4, encoding)
            self.assertEqual(self._case_of(f"{number}001").subject, "Café – “fermé”")

    def test_chosen_encoding(self):
        wizard = self._wizard(
            (HEADER + ROWS).replace("No answer", "无人接听").encode("gb18030")
        )
        wizard.encoding = "gb18030"
        wizard.action_bring_in()
        self.assertEqual(self._case_of("1003").subject, "无人接听")

    def test_encoding_that_is_usual_in_the_users_language(self):
        text = (HEADER + ROWS).replace("No answer", "无人接听")
        wizard = self._wizard(text.encode("gb18030")).with_context(lang="zh_CN")
        wizard.action_bring_in()
        self.assertEqual(self._case_of("1003").subject, "无人接听")

    def test_text_over_several_lines(self):
        text = (
            "Number,Subject,Received,What happened\n"
            '1,Late,2015-04-22 10:00,"First <b>line</b>\nsecond, ""line"" "\n'
            "2,Late,never,\n"
        )
        wizard = self._bring_in(text)
        self.assertEqual(wizard.used_mapping, "Plain list with English headings")
        self.assertEqual(list(self._rejected(wizard)), [4])
        description = self._case_of("1").description
        self.assertIn("First &lt;b&gt;line&lt;/b&gt;<br>", description)

    def test_long_subject(self):
        subject = "word " * 100
        text = f"Number,Subject,Received\n1,{subject},2015-04-22 10:00\n"
        self._bring_in(text)
        case = self._case_of("1")
        self.assertEqual(len(case.subject), 200)
        self.assertIn(subject.strip(), case.description)

    def test_unusable_files(self):
        for words, text, values in [
            ("file is empty", "", {}),
            ("workbook", b"PK\x03\x04", {}),
            ("No mapping fits the columns of the file: A, B", "A,B\n1,2\n", {}),
            ("it has no Ticket", "A,B\n1,2\n", {"mapping": "regulator_register"}),
            ("your own mapping", "A,B\n", {"mapping": "own"}),
        ]:
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                # An empty file counts as none, and the field is required.
                wizard = self._wizard(text or "\n", **values)
                wizard.action_bring_in()

    def test_wrong_mapping_of_ones_own(self):
        for words, mapping in [
            ("cannot be read", b"fields = ["),
            ("not a text file", b"\xff\xfe\x00"),
            ("does not say where “Subject” comes from",
             b"[fields.import_reference]\ncolumn='A'"),
            ("“colour” in the mapping|says “colour”", b"colour = 1"),
        ]:  # fmt: skip
            wizard = self._wizard(
                "A,B\n1,2\n", mapping="own", mapping_file=base64.b64encode(mapping)
            )
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                wizard.action_bring_in()

    def test_zone_of_the_times(self):
        self._bring_in(HEADER + ROWS, tz="Asia/Shanghai")
        self.assertEqual(
            self._case_of("1001").date_received, datetime(2015, 4, 22, 7, 53, 50)
        )

    def test_goes_on_where_time_was_over(self):
        self.patch(complaint_import, "BATCH", 3)
        wizard = self._wizard(HEADER + ROWS + "1005,bad row\n")
        wizard._bring_in(seconds=-1)
        self.assertEqual(wizard.state, "partly")
        self.assertEqual(self._counts(wizard), (5, 3, 0, 1, 1))
        wizard.action_bring_in()
        self.assertEqual(wizard.state, "done")
        self.assertEqual(self._counts(wizard), (5, 4, 0, 1, 0))

    # Complainants, vocabulary and milestones ----------------------------------

    def test_complainants(self):
        text = (
            "Number,Subject,Received,Name,E-mail,Phone,On behalf\n"
            "1,Late,2015-04-22 10:00,Ann Other Name,ANN@acme.example.com,,\n"
            "2,Late,2015-04-22 10:00,New One,new@one.example.com,+1 555,x\n"
            "3,Late,2015-04-22 10:00,New One,new@one.example.com,,\n"
            "4,Late,2015-04-22 10:00,Nameless Ned,,,\n"
            "5,Late,2015-04-22 10:00,Bad,nowhere,,\n"
        )
        partners = self.env["res.partner"]
        number = partners.search_count([])
        wizard = self._bring_in(text)
        self.assertEqual(
            self._rejected(wizard), {6: "E-mail: “nowhere” is not an e-mail address."}
        )
        known, new, same, nameless = (self._case_of(str(n)) for n in (1, 2, 3, 4))
        self.assertEqual(known.partner_id, self.customer.partner_id)
        self.assertEqual(known.partner_name, "Ann Other Name")
        self.assertEqual(known.commercial_partner_id, self.acme)
        self.assertEqual(new.partner_id.name, "New One")
        self.assertEqual(new.partner_id.phone, "+1 555")
        self.assertEqual(same.partner_id, new.partner_id)
        self.assertFalse(nameless.partner_id)
        self.assertEqual(nameless.partner_name, "Nameless Ned")
        self.assertTrue(new.is_on_behalf)
        self.assertEqual(partners.search_count([]), number + 1)

    def test_names_of_channels_and_categories(self):
        parent = self.category.parent_id
        twin = self.category.copy({"parent_id": False, "name": self.category.name})
        text = (
            "Number,Subject,Received,Channel,Category\n"
            f"1,Late,2015-04-22 10:00,LETTER,{self.category.complete_name}\n"
            "2,Late,2015-04-22 10:00,On site or in store,\n"
            f"3,Late,2015-04-22 10:00,,{twin.name}\n"
            "4,Late,2015-04-22 10:00,Pigeon,\n"
            f"5,Late,2015-04-22 10:00,,{parent.name}\n"
        )
        wizard = self._bring_in(text)
        self.assertEqual(self._case_of("1").channel_id.code, "letter")
        self.assertEqual(self._case_of("1").category_id, self.category)
        self.assertEqual(self._case_of("2").channel_id.code, "store")
        self.assertFalse(self._case_of("5").channel_id)
        self.assertEqual(self._case_of("5").category_id, parent)
        rejected = self._rejected(wizard)
        self.assertIn("Category: several are named", rejected[4])
        self.assertIn("Channel: nothing is named or coded “Pigeon”", rejected[5])

    def test_alternative_channel(self):
        self.env["complaint.channel"].search([("code", "=", "website")]).code = "form"
        self._bring_in(HEADER + ROWS)
        self.assertEqual(self._case_of("1002").channel_id.code, "portal")

    def test_milestones_that_the_register_knows(self):
        policy = self.env["complaint.sla.policy"].create(
            {
                "name": "Test",
                "sequence": -1,
                "team_ids": self.team.ids,
                "target_ids": [
                    Command.create(
                        {"milestone": name, "amount": 24, "unit": "elapsed_hour"}
                    )
                    for name in ("accepted", "answered")
                ],
            }
        )
        text = (
            "Number,Subject,Received,Accepted,Answered,Closed,Status\n"
            "1,Late,2015-04-22 10:00,2015-04-22 12:00,2015-04-25 10:00,"
            "2015-04-26 10:00,Settled\n"
        )
        self._bring_in(text, team_id=self.team.id)
        case = self._case_of("1")
        self.assertEqual(case.sla_policy_id, policy)
        self.assertEqual(case.closed_at, datetime(2015, 4, 26, 10))
        self.assertEqual(case.answered_at, datetime(2015, 4, 25, 10))
        self.assertEqual(
            {clock.milestone: clock.state for clock in case.clock_ids},
            {"accepted": "met", "answered": "breached"},
        )

    # Rights -------------------------------------------------------------------

    def test_only_managers(self):
        for user in (self.handler, self.supervisor, self.auditor, self.customer):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._wizard(HEADER + ROWS, user=user)
        wizard = self._wizard(HEADER + ROWS)
        with self.assertRaises(AccessError):
            wizard.with_user(self.handler).action_bring_in()
        self.assertEqual(self.cases.search([]), self.before)

    def test_private_methods_stay_private(self):
        public = {
            name
            for cls in type(self.env["complaint.import"]).__mro__
            if "complaint_import" in cls.__module__
            for name, value in vars(cls).items()
            if inspect.isfunction(value) and name.isidentifier() and name[0] != "_"
        }
        self.assertEqual(
            public, {"action_bring_in", "action_check", "action_open_cases"}
        )

    # The dialogue -------------------------------------------------------------

    def test_dialogue(self):
        form = Form(self.env["complaint.import"].with_user(self.manager))
        form.file = base64.b64encode((HEADER + ROWS).encode())
        wizard = form.save()
        self.assertEqual(wizard.user_id, self.manager)
        action = wizard.action_bring_in()
        self.assertEqual((action["res_id"], action["target"]), (wizard.id, "new"))
        action = wizard.action_open_cases()
        found = self.cases.with_user(self.manager).search(action["domain"])
        self.assertEqual(len(found), 4)
        self.assertFalse(found & self.before)

    def test_shipped_mappings(self):
        mappings = self.env["complaint.import"]._shipped_mappings()
        self.assertEqual(set(mappings), {"plain_register", "regulator_register"})
        for mapping in mappings.values():
            self.assertNotEqual(mapping.title("zh_CN"), mapping.title("en_US"))

    def test_every_problem_has_a_text(self):
        wizard = self._wizard(HEADER)
        for texts in (
            complaint_import.FILE_TEXTS,
            complaint_import.ROW_TEXTS,
            complaint_import.REMARK_TEXTS,
        ):
            for code in texts:
                names = re.findall(r"%\((\w+)\)s", texts[code]._source)
                params = {
                    name: datetime(2015, 1, 1)
                    if name in ("moment", "received")
                    else "it"
                    for name in names
                }
                text = wizard._explain(Problem(code, **params), texts)
                self.assertNotIn("%(", text)
