"""The graph of averages, as the browser draws it."""

from datetime import datetime

from odoo.tests import HttpCase, tagged

from .common import MODULE
from .satisfaction_common import NO_ANSWER, SatisfactionCommon


@tagged("post_install", "-at_install")
class TestMeans(SatisfactionCommon, HttpCase):
    def test_no_answer_is_not_drawn_as_zero(self):
        self.env["complaint.feedback"].search([]).unlink()
        self._said("satisfied", 9, asked=datetime(2026, 1, 10))
        self._said("dissatisfied", 2, asked=datetime(2026, 2, 10))
        self._survey(asked=datetime(2026, 3, 10), **NO_ANSWER)
        self.browser_js(
            f"/odoo/action-{MODULE}.complaint_feedback_action_analysis?view_type=graph",
            "const canvas = document.querySelector('.o_graph_renderer canvas');"
            "const [set] = Chart.getChart(canvas).data.datasets;"
            "if (JSON.stringify(set.data) === '[1,0,null]') {"
            "    console.log('test successful');"
            "} else { console.error(JSON.stringify(set.data)); }",
            "Boolean(window.Chart && document.querySelector('.o_graph_renderer canvas')"
            " && Chart.getChart(document.querySelector('.o_graph_renderer canvas')))",
            login=self.manager.login,
        )
