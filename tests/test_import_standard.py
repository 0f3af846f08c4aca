"""Odoo's own import dialogue on complaints."""

import json

from odoo.tests import tagged
from odoo.tools import file_open, mute_logger

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestImportStandard(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cases = cls.env["complaint.case"]

    def _load(self, text, columns):
        record = (
            self.env["base_import.import"]
            .with_user(self.manager)
            .create(
                {
                    "res_model": "complaint.case",
                    "file": text.encode(),
                    "file_type": "text/csv",
                    "file_name": "complaints.csv",
                }
            )
        )
        options = {
            "quoting": '"',
            "separator": ",",
            "encoding": "utf-8",
            "has_headers": True,
            "datetime_format": "%Y-%m-%d %H:%M:%S",
        }
        return record.execute_import(columns, columns, options)

    def _template(self):
        [template] = self.cases.get_import_templates()
        with file_open(template["template"].lstrip("/"), "rb") as stream:
            return stream.read().decode("utf-8-sig")

    def test_template_headings_are_found(self):
        record = self.env["base_import.import"].create(
            {
                "res_model": "complaint.case",
                "file": self._template().encode(),
                "file_type": "text/csv",
                "file_name": "complaint_case.csv",
            }
        )
        preview = record.parse_preview(
            {"quoting": '"', "separator": ",", "has_headers": True}
        )
        self.assertNotIn("error", preview)
        self.assertEqual(
            [preview["matches"].get(n) for n in range(len(preview["headers"]))],
            [
                ["import_reference"],
                ["subject"],
                ["date_received"],
                ["channel_id"],
                ["source"],
                ["category_id"],
                ["priority"],
                ["partner_id"],
                ["partner_name"],
                ["email_from"],
                ["phone"],
                ["description"],
                ["demand"],
                ["stage_id"],
                ["outcome"],
            ],
        )
        json.dumps(preview)

    def test_template_goes_in(self):
        header, *rows = self._template().splitlines()
        columns = [
            "import_reference", "subject", "date_received", "channel_id", "source",
            "category_id", "priority", "partner_id", "partner_name", "email_from",
            "phone", "description", "demand", "stage_id", "outcome",
        ]  # fmt: skip
        self.assertEqual(len(header.split(",")), len(columns))
        result = self._load(self._template(), columns)
        self.assertFalse(result["messages"])
        cases = self.cases.browse(result["ids"])
        self.assertEqual(len(cases), len(rows))
        closed = cases.filtered(lambda case: case.phase == "closed")
        self.assertTrue(closed.outcome)
        self.assertFalse(self.env["mail.mail"].search([("res_id", "in", cases.ids)]))

    def test_category_is_proposed_and_limits_are_history(self):
        category = self.env["complaint.category"].create(
            {"name": "Bills", "keywords": "wrong bill"}
        )
        result = self._load(
            "Subject,Received\nWrong bill,2015-04-22 10:00:00\n",
            ["subject", "date_received"],
        )
        case = self.cases.browse(result["ids"])
        self.assertEqual(case.category_id, category)
        self.assertIn("breached", case.clock_ids.mapped("state"))
        self.assertFalse(case.activity_ids)

    def test_category_by_its_path(self):
        names = self.env["complaint.category"]
        child = self.category
        other = child.copy({"parent_id": False, "name": child.name})
        path = child.complete_name
        self.assertIn(" / ", path)
        self.assertEqual(names.search([("complete_name", "=", path)]), child)
        self.assertEqual(
            names.search([("complete_name", "=", child.name)]), child | other
        )
        self.assertEqual(names.name_search(path.lower()), [(child.id, path)])
        self.assertNotIn(child, names.search([("complete_name", "!=", path)]))

    @mute_logger("odoo.sql_db")
    def test_number_that_is_here_already(self):
        text = "Number,Subject\n77,Late\n"
        self.assertTrue(self._load(text, ["import_reference", "subject"])["ids"])
        result = self._load(text, ["import_reference", "subject"])
        self.assertFalse(result["ids"])
        self.assertIn("is here already", result["messages"][0]["message"])

    def test_handler_without_the_right_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        result = self._load(
            f"Subject,Company\nLate,{other.name}\n", ["subject", "company_id"]
        )
        self.assertFalse(result["ids"])
        self.assertTrue(result["messages"])
