from odoo import api, fields, models

#: When a customer may be asked. Campaigns and surveys on site are not planned by a
#: complaint.
TOUCHPOINTS = [
    ("first_reply", "After the first reply"),
    ("resolved", "After the resolution"),
    ("closed", "After closing"),
    ("followup", "Some time after closing"),
    ("campaign", "Campaign"),
    ("visit", "On site"),
]
#: Those that complaints bring, with the event that plans them.
EVENTS = {
    "first_reply": "first_reply",
    "resolved": "resolved",
    "closed": "closed",
    "followup": "closed",
}


class ComplaintTouchpoint(models.Model):
    """When customers with a complaint are asked, how long after it, and what (F1)."""

    _name = "complaint.touchpoint"
    _description = "When Customers Are Asked"
    _order = "sequence, id"
    _rec_name = "touchpoint"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    touchpoint = fields.Selection(
        selection=[pair for pair in TOUCHPOINTS if pair[0] in EVENTS],
        string="When",
        required=True,
    )
    delay_days = fields.Integer(
        string="Days after it",
        default=1,
        help="Days from the event to the survey.",
    )
    survey_id = fields.Many2one(
        comodel_name="survey.survey",
        string="Questionnaire",
        domain=[("is_complaint_survey", "=", True)],
        ondelete="set null",
        help="Empty: that of the team, of the company, or the shipped one.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        index="btree_not_null",
        help="Empty: holds for every company that has no line of its own.",
    )
    active = fields.Boolean(string="Ask", default=True)

    _delay = models.Constraint(
        "CHECK (delay_days BETWEEN 0 AND 730)",
        "Ask between 0 and 730 days after it.",
    )
    _once = models.UniqueIndex(
        "(touchpoint, COALESCE(company_id, 0))",
        "There is a line for this already. Change that one.",
    )

    @api.model
    def _of_event(self, event, companies):
        """What is asked after an event; as the system, one query.

        A company's own line, active or not, holds instead of the shared one.

        :param str event: a milestone
        :return: {company: active touch-points}
        """
        names = [name for name, of in EVENTS.items() if of == event]
        # sudo: whoever moves a complaint need not read how customers are asked.
        rows = (
            self.sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("touchpoint", "in", names),
                    ("company_id", "in", [*companies.ids, False]),
                ]
            )
        )
        found = {}
        for company in companies:
            own = {row.touchpoint: row for row in rows if not row.company_id}
            own |= {row.touchpoint: row for row in rows if row.company_id == company}
            active = [row.id for row in own.values() if row.active]
            found[company] = rows.browse(active)
        return found
