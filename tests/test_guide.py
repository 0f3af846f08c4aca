from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import MODULE, ComplaintCommon


@tagged("post_install", "-at_install")
class TestGuide(ComplaintCommon):
    """Ready answers, checklists and lessons offered where they fit (G3, I2)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shipped = cls.env["complaint.guide"].search([])
        cls.guides = cls.env["complaint.guide"].with_user(cls.manager)

    def _guide(self, **values):
        return self.guides.create(
            {"name": "Guide", "body": "<p>Hello</p>", "sequence": 1, **values}
        )

    def _offered(self, case, user=None):
        guides = case.with_user(user or self.handler).get_guides()
        return [guide["id"] for guide in guides]

    def test_shipped_in_both_languages_and_without_problems(self):
        self.assertGreaterEqual(len(self.shipped), 7)
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms([MODULE], ["zh_CN"])
        case = self._case(order_id=self.order.id, product_id=self.product.id)
        for guide in self.shipped:
            chinese = guide.with_context(lang="zh_CN")
            self.assertRegex(chinese.name, "[\u4e00-\u9fff]", guide.name)
            for lang in ("en_US", "zh_CN"):
                text = guide._render_for(case, lang=lang)[case]
                self.assertNotIn("t-out", text)
                self.assertNotIn("Maria", text, "examples are replaced")

    def test_names_the_case_in_the_language_of_the_customer(self):
        guide = self._guide(
            body='<p><t t-out="object.words_salutation">Dear</t> '
            '<t t-out="object.name">1</t> <t t-out="object.words_product">x</t></p>'
        )
        case = self._case(order_id=self.order.id, product_id=self.product.id)
        [offer] = [
            one
            for one in case.with_user(self.handler).get_guides()
            if one["id"] == guide.id
        ]
        for expected in ("Dear Ann", case.name, "Kettle"):
            self.assertIn(expected, offer["html"])
        self.assertFalse(offer["missing"])

    def test_says_what_is_missing(self):
        guide = self._guide(body='<p><t t-out="object.words_order">S1</t></p>')
        case = self._case()
        [offer] = [
            one
            for one in case.with_user(self.handler).get_guides()
            if one["id"] == guide.id
        ]
        self.assertIn("Number of the order", offer["missing"])

    def test_customers_words_are_no_markup(self):
        guide = self._guide(body='<p><t t-out="object.words_subject">x</t></p>')
        case = self._case(subject='<img src=x onerror="alert(1)"> {{7*7}}')
        text = guide._render_for(case)[case]
        self.assertNotIn("<img", text)
        self.assertIn("{{7*7}}", text, "not evaluated")

    def test_nothing_but_known_placeholders(self):
        for expression in (
            "object.partner_id.user_ids",
            "object.env",
            "object.sudo().answer",
            "1 + 1",
        ):
            with self.refuses(ValidationError, "does not know|not know"):
                self._guide(body=f'<p><t t-out="{expression}">x</t></p>')
        with self.refuses(ValidationError, "not know"):
            self._guide(body='<p t-if="object.name">x</p>')
        # Nor through a translation.
        guide = self._guide()
        self.env["res.lang"]._activate_lang("zh_CN")
        with self.refuses(ValidationError, "not know|无法识别"):
            guide.with_context(lang="zh_CN").body = '<p t-out="object.env.uid">x</p>'

    def test_offered_by_category_product_nature_and_words(self):
        defect = self.category
        late = self.env.ref(f"{MODULE}.category_delivery_late")
        general = self._guide(name="General", sequence=99)
        by_category = self._guide(category_ids=defect.ids)
        by_parent = self._guide(category_ids=defect.parent_id.ids)
        by_product = self._guide(product_ids=self.product.ids)
        by_words = self._guide(keywords="leaks, 漏水")
        by_nature = self._guide(nature="major")
        other = self._guide(category_ids=late.ids)
        case = self._case(order_id=self.order.id, product_id=self.product.id)
        offered = self._offered(case)
        for guide in (by_category, by_parent, by_product, by_words, general):
            self.assertIn(guide.id, offered)
        self.assertNotIn(by_nature.id, offered)
        self.assertNotIn(other.id, offered)
        self.assertLess(offered.index(by_category.id), offered.index(by_parent.id))
        self.assertLess(offered.index(by_words.id), offered.index(general.id))
        case.nature = "major"
        self.assertIn(by_nature.id, self._offered(case))
        chinese = self._case(subject="水壶漏水了", category_id=False)
        self.assertEqual(self._offered(chinese)[0], by_words.id)

    def test_use_is_counted_without_a_counter(self):
        guide, case = self._guide(), self._case()
        case.with_user(self.handler).use_guide(guide.id)
        action = case.with_user(self.handler).action_write_with_guide(guide.id)
        self.assertIn("Hello", action["context"]["default_body"])
        guide.invalidate_recordset()
        self.assertEqual(guide.with_user(self.handler).use_count, 2)
        self.assertTrue(guide.last_used_at)
        action = guide.with_user(self.handler).action_view_uses()
        self.assertEqual(action["domain"], [("id", "in", case.ids)])

    def test_rights(self):
        guide, case = self._guide(), self._case()
        self.assertIn(guide.id, self._offered(case, self.auditor))
        for user in (self.customer, self.employee):
            with self.assertRaises(AccessError):
                case.with_user(user).get_guides()
        with self.assertRaises(AccessError):
            case.with_user(self.stranger).get_guides()
        for user in (self.handler, self.supervisor, self.auditor):
            with self.assertRaises(AccessError):
                guide.with_user(user).name = "Mine"
        with self.assertRaises(AccessError):
            case.with_user(self.auditor).use_guide(guide.id)
        with self.assertRaises(AccessError):
            self.env["complaint.guide.use"].with_user(self.handler).create(
                {"guide_id": guide.id}
            )

    def test_of_another_company(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        guide = self._guide(company_id=False)
        guide.sudo().company_id = elsewhere
        self.assertNotIn(guide.id, self._offered(self._case()))

    def test_preview(self):
        self._case()
        action = self._guide().action_preview()
        self.assertIn("Hello", action["params"]["message"])

    def test_queries_do_not_grow(self):
        case = self._case().with_user(self.handler)

        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            case.get_guides()
            return self.env.cr.sql_log_count - before

        cost()
        few = cost()
        for number in range(12):
            self._guide(name=f"Guide {number}", keywords="leaks")
        self.assertLessEqual(cost() - few, 3)
