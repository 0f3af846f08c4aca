"""Merged complaints at the customer's doors, and merging by two people at once."""

from datetime import timedelta

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import UserError
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, HttpCase, get_db_name, tagged
from odoo.tools import mute_logger

from .common import ComplaintCommon
from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestMergedPortal(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.target = cls._case(user_id=cls.handler.id, subject="What remains")
        cls.source = cls._case(user_id=cls.handler.id, subject="What was merged")
        cls.token_before = cls.source._portal_ensure_token()
        cls.target._portal_ensure_token()
        cls.source._merge_into(cls.target)

    def _open(self, token=None, case=None):
        url = f"/my/complaints/{(case or self.source).id}"
        return self.url_open(
            f"{url}?access_token={token}" if token else url, allow_redirects=False
        )

    def test_the_customer_is_led_on(self):
        self.login(self.customer)
        response = self._open()
        self.assertEqual(response.status_code, 303)
        self.assertIn(f"/my/complaints/{self.target.id}", response.headers["Location"])
        self.page(f"/my/complaints/{self.target.id}?notice=merged")
        self.assertIn("complaints about this matter together", self.text)
        self.page("/my/complaints")
        self.assertIn("Merged", self.text, "both stay on the list")

    def test_so_is_the_link_in_the_mail(self):
        self.login(None)
        response = self._open(self.token_before)
        self.assertEqual(response.status_code, 303)
        self.assertIn(self.target.access_token, response.headers["Location"])
        response = self.url_open(response.headers["Location"])
        self.assertIn("What remains", response.text)

    def test_a_colleague_is_not(self):
        """Whoever wrote the merged one may not read another's by that."""
        source = self._case(partner_id=self.customer_colleague.partner_id.id)
        token = source._portal_ensure_token()
        source._merge_into(self.target)
        for user, key in ((self.customer_colleague, None), (None, token)):
            self.login(user)
            response = self._open(key, source)
            self.assertEqual(response.status_code, 200)
            self.assertIn(self.target.name, response.text)
            self.assertNotIn("What remains", response.text)

    def test_others_learn_nothing(self):
        for user in (self.other_customer, None):
            self.login(user)
            response = self._open()
            nowhere = self.url_open("/my/complaints/2000000000", allow_redirects=False)
            self.assertEqual(response.status_code, nowhere.status_code)
            self.assertNotIn(str(self.target.id), response.headers["Location"])

    def test_staff_look_at_the_merged_page(self):
        self.login(self.manager)
        self.assertEqual(self._open().status_code, 303)


@tagged("post_install", "-at_install")
class TestSimilarBrowser(ComplaintCommon, HttpCase):
    """The panel on the form, as a handler uses it."""

    def _tour(self, name, record):
        url = "/odoo/action-complaint_management.complaint_case_action"
        self.start_tour(
            f"{url}/{record}", f"complaint_similar_{name}", login="cm_handler"
        )

    def test_merge(self):
        same = {"order_id": self.order.id, "user_id": self.handler.id}
        yesterday = fields.Datetime.now() - timedelta(days=1)
        first = self._case(subject="First told", date_received=yesterday, **same)
        other = self._case(subject="Lid", **same)
        case = self._case(subject="Told again", **same)
        self._tour("merge", case.id)
        self.assertEqual(case.merged_into_id, first)
        self.assertEqual(case.distinct_case_ids, other)

    def test_while_typing(self):
        self._case(subject="First told", user_id=self.handler.id)
        self._tour("new", "new")


@tagged("post_install", "-at_install")
class TestMergeAtOnce(BaseCase):
    """Two connections, each with a transaction of its own."""

    def setUp(self):
        super().setUp()
        self.db = db_connect(get_db_name())
        with self.db.cursor() as cr:
            env = self._env(cr)
            partner = env["res.partner"].create({"name": "Twice"})
            cases = env["complaint.case"].create(
                [
                    {"subject": f"Case {number}", "partner_id": partner.id}
                    for number in range(3)
                ]
            )
            self.ids, self.partner_id = cases.ids, partner.id
        self.addCleanup(self._remove)

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"mail_notrack": True})

    def _remove(self):
        with self.db.cursor() as cr:
            cr.execute(
                "UPDATE complaint_case SET merged_into_id = NULL WHERE id = ANY(%s)",
                [self.ids],
            )
            cr.execute(
                "DELETE FROM complaint_milestone WHERE case_id = ANY(%s)", [self.ids]
            )
            env = self._env(cr)
            env["complaint.case"].browse(self.ids).unlink()
            env["res.partner"].browse(self.partner_id).unlink()

    def _merge(self, cr, target):
        cases = self._env(cr)["complaint.case"].browse(self.ids)
        cases[0]._merge_into(cases[target], tell=False)

    @mute_logger("odoo.sql_db")
    def test_once(self):
        with self.db.cursor() as first, self.db.cursor() as second:
            second.execute("SELECT 1")  # the view of the database is fixed from here
            self._merge(first, 1)
            first.flush()
            with self.assertRaisesRegex(UserError, "Somebody else"):
                self._merge(second, 2)
            second.rollback()
            second.execute("SELECT count(*) FROM complaint_case")
            first.commit()
            # Odoo runs a request again that fails so.
            with self.assertRaises(SerializationFailure):
                self._merge(second, 2)
            second.rollback()
            with self.assertRaisesRegex(UserError, "merged already"):
                self._merge(second, 2)
        with self.db.cursor() as cr:
            cases = self._env(cr)["complaint.case"].browse(self.ids)
            self.assertEqual(
                cases.mapped("merged_into_id").ids, [self.ids[1]], "once, by the first"
            )
