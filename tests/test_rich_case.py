from odoo.tests import Form, tagged

from .evidence_common import JUDGED_GOOD, EvidenceCommon


@tagged("post_install", "-at_install")
class TestRichCase(EvidenceCommon):
    """Opening a complaint with hundreds of messages and pieces of evidence costs no
    more queries than opening one with a few."""

    def _spec(self, spec, records, hidden=()):
        """What the web client asks for: as the form helper, with names of links."""
        whole = {}
        for name, asked in spec.items():
            field = records._fields[name]
            whole[name] = dict(asked)
            if field.relational:
                fields = self._spec(
                    asked.get("fields", {}), self.env[field.comodel_name]
                )
                names = {} if name in hidden else {"display_name": {}}
                whole[name]["fields"] = fields or names
        return whole

    def _opened(self):
        """Queries that reading the form costs, with everything in its lists."""
        cases = self.env["complaint.case"].with_user(self.handler)
        case = cases.browse(self.case.id)
        view = Form(case)._view
        hidden = view["tree"].xpath(
            "//field[@invisible='1' or @invisible='True']/@name"
        )
        spec = self._spec(view["fields_spec"], case, hidden)
        for _warm in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            case.web_read(spec)
        return self.env.cr.sql_log_count - before

    def _add(self, messages, pieces):
        self.env["mail.message"].create(
            [
                {
                    "model": "complaint.case",
                    "res_id": self.case.id,
                    "body": f"<p>Message {number}</p>",
                    "message_type": "comment",
                    "author_id": self.customer.partner_id.id,
                }
                for number in range(messages)
            ]
        )
        evidence = self.env["complaint.evidence"].create(
            [
                {"case_id": self.case.id, "title": f"Piece {number}", **JUDGED_GOOD}
                for number in range(pieces)
            ]
        )
        evidence._add_files(
            {one: [{"name": "a.txt", "raw": one.name.encode()}] for one in evidence}
        )
        evidence[: pieces // 2].action_accept()

    def test_500_messages_and_200_pieces(self):
        self.case.write(
            {
                "order_id": self.order.id,
                "product_id": self.product.id,
                "channel_id": self.env["complaint.channel"].search([], limit=1).id,
            }
        )
        self.env["complaint.allegation"].create(
            {
                "case_id": self.case.id,
                "summary": "Leaks",
                "category_id": self.category.id,
                "finding": "upheld",
            }
        )
        self._add(messages=2, pieces=2)
        few = self._opened()
        self._add(messages=498, pieces=198)
        self.assertLessEqual(self._opened(), few)
        self.assertLess(few, 25)
