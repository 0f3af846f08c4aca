"""The Pareto of missed limits, as the browser draws it."""

from odoo.tests import HttpCase, tagged

from .common import MODULE, ComplaintCommon

SUCCESS = "console.log('test successful')"


@tagged("post_install", "-at_install")
class TestPareto(ComplaintCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reasons = cls.env["complaint.breach.reason"].create(
            [{"name": f"Reason {letter}"} for letter in "ABC"]
        )

    def _missed(self, reason, number):
        """Limits that were missed for a reason."""
        cases = self.env["complaint.case"].create(
            [
                {"subject": "Late", "partner_id": self.customer.partner_id.id}
                for _number in range(number)
            ]
        )
        clocks = cases.clock_ids.filtered(lambda clock: clock.milestone == "accepted")
        clocks.write({"state": "breached", "breach_reason_id": reason.id})
        self.assertEqual(len(clocks), number)

    def _drawn(self, *assertions):
        """Open the Pareto as a manager; ``chart`` is what Chart.js draws."""
        checks = "".join(
            f"if (!({check})) throw new Error({check!r} + JSON.stringify(data));"
            for check in assertions
        )
        self.browser_js(
            f"/odoo/action-{MODULE}.complaint_sla_clock_action_breach",
            "try {"
            "const canvas = document.querySelector('.o_graph_renderer canvas');"
            "const chart = canvas && Chart.getChart(canvas);"
            "const data = chart && chart.data.datasets.map((set) => set.data);"
            "const labels = chart && chart.data.labels.join();"
            "const scales = chart && chart.options.scales;"
            f"{checks} {SUCCESS};"
            "} catch (error) { console.error(error.message); }",
            "Boolean(document.querySelector('.o_graph_view') && ("
            "document.querySelector('.o_view_nocontent') || (window.Chart && "
            "Chart.getChart(document.querySelector('.o_graph_renderer canvas')))))",
            login=self.manager.login,
        )

    def test_bars_in_order_with_their_share(self):
        for reason, number in zip(self.reasons, (2, 5, 1), strict=True):
            self._missed(reason, number)
        self._missed(self.env["complaint.breach.reason"], 2)
        self._drawn(
            "labels.startsWith('Reason B,')",
            "labels.endsWith(',Reason C')",
            "labels.includes('No reason given')",
            "data[0].join() === '5,2,2,1'",
            "data[1].join() === '50,70,90,100'",
            # The line is measured on an axis of its own, up to the whole.
            "chart.data.datasets[1].yAxisID === 'share'",
            "scales.share.max === 100 && scales.y.max === 10",
            "!document.querySelector('[data-tooltip=Ascending]')",
        )

    def test_one_reason(self):
        self._missed(self.reasons[0], 3)
        self._drawn("data[0].join() === '3'", "data[1].join() === '100'")

    def test_none(self):
        self._drawn(
            "!canvas",
            "document.querySelector('.o_view_nocontent').innerText.includes('No time')",
        )

    def test_measures_that_do_not_add_up_have_no_line(self):
        self._missed(self.reasons[0], 2)
        self._missed(self.reasons[1], 1)
        action = self.env.ref(f"{MODULE}.complaint_sla_clock_action_breach")
        action.context = {"graph_measure": "amount"}
        self._drawn("data.length === 1", "!scales.share")
