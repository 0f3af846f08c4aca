from odoo.tests import tagged

from .common import MODULE, ComplaintCommon

#: Everyday complaints with the category that a person would choose.
EVERYDAY = {
    "Kettle leaks after two weeks": "quality_defect",
    "Zipper of the tent broke after only three nights": "quality_durability",
    "The charger of the drill overheats": "quality_safety",
    "Headphones are not as described": "quality_description",
    "Your employee was very rude on the phone": "service_attitude",
    "Nobody answers my calls": "service_reach",
    "Technician did not show up, third appointment": "service_appointment",
    "Parcel never arrived": "delivery_late",
    "My order is three weeks late": "delivery_late",
    "Received the wrong size": "delivery_wrong",
    "Box was damaged and two glasses broken": "delivery_transport",
    "Website crashes at checkout": "system_website",
    "Charged twice for the same order": "system_payment",
    "Unfair billing practices": "system_payment",
    "Internet service billing": "system_payment",
    "Cannot log in to my account": "system_account",
    "Data caps on home internet": "system_allowance",
    "Slow internet speed": "system_speed",
    "Internet outage for three days": "system_outage",
    "Return policy is not clear": "other_policy",
    "Bait and switch": "other_sales",
    "Price increase every month": "other_price",
    "Contract cancelled, still no end": "other_contract",
    "Poor customer service": "service_attitude",
    "Customer service": "service",
    "Internet and TV": "system_connection",
    "收到的电饭煲坏了": "quality_defect",
    "电吹风漏电，很危险": "quality_safety",
    "商品与描述不符，怀疑是假货": "quality_description",
    "客服态度恶劣": "service_attitude",
    "客服电话打不通": "service_reach",
    "安装师傅没来，爽约": "service_appointment",
    "快递延误了一周还没到": "delivery_late",
    "发错货了": "delivery_wrong",
    "运输途中损坏": "delivery_transport",
    "APP闪退无法下单": "system_website",
    "话费乱扣费": "system_payment",
    "宽带经常断网": "system_outage",
    "网速慢": "system_speed",
    "店员误导消费，承诺不兑现": "other_sales",
    "合同到期无法取消": "other_contract",
}


@tagged("post_install", "-at_install")
class TestCategory(ComplaintCommon):
    """The proposal of a category from the wording (B1, B4)."""

    def _propose(self, *texts):
        return self.env["complaint.category"]._propose(list(texts))

    def test_everyday_complaints(self):
        for text, category in zip(EVERYDAY, self._propose(*EVERYDAY), strict=True):
            with self.subTest(text=text):
                expected = self.env.ref(f"{MODULE}.category_{EVERYDAY[text]}")
                self.assertEqual(category.complete_name, expected.complete_name)

    def test_words_are_whole(self):
        self.category.keywords = "cap of, plate*\nwi-fi"
        for text, found in (
            ("recap of the machine", False),
            ("A CAP of wool", True),
            ("chocolate with template", False),
            ("two plates", True),
            ("Wi Fi is gone", True),
            ("", False),
            (None, False),
        ):
            with self.subTest(text=text):
                [category] = self._propose(text)
                self.assertEqual(category == self.category, found)

    def test_chinese_needs_no_spaces(self):
        self.category.keywords = "漏水，wifi"
        self.assertEqual(
            self._propose("水壶漏水了", "家里wifi断了"), [self.category] * 2
        )

    def test_special_before_general(self):
        """A word of a category with sub-categories counts where nothing else fits."""
        parent = self.category.parent_id
        self.category.keywords = "lid"
        parent.keywords = "household appliance"
        self.assertEqual(
            self._propose("Lid of a household appliance", "A household appliance"),
            [self.category, parent],
        )

    def test_longest_wins_then_the_first(self):
        first, second = self.category.parent_id.child_ids[:2]
        first.keywords, second.keywords = "handle, grip", "broken handle, grip"
        self.assertEqual(
            self._propose("Broken handle", "handle", "grip"), [second, first, first]
        )

    def test_one_query_however_many(self):
        self._propose("warm up")
        self.env.invalidate_all()
        with self.assertQueryCount(4):
            self._propose(*["Kettle leaks", "late"] * 200)
