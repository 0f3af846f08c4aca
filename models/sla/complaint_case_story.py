from odoo import models


class ComplaintCase(models.Model):
    """All time limits of a complaint in plain words, for the printed record (C5)."""

    _inherit = "complaint.case"

    def _clock_stories(self):
        """Each time limit of each round with its story, for staff.

        :return: list of dict: round, clocks (list of dict: label, state (word), tone,
            problem, reason (why it was missed), story)
        """
        self.ensure_one()
        clocks = self.clock_ids.sorted(
            lambda clock: (clock.round, clock.started_at, clock.id)
        )
        model = clocks.browse()
        labels = dict(model._fields["milestone"]._description_selection(self.env))
        states = dict(model._fields["state"]._description_selection(self.env))
        return [
            {
                "round": number,
                "clocks": [
                    {
                        "label": labels[clock.milestone],
                        "state": states[clock.state],
                        "problem": clock.problem or "",
                        "reason": clock.breach_reason_id.display_name or "",
                        "story": clock._story(),
                    }
                    for clock in of_round
                ],
            }
            for number, of_round in clocks.grouped("round").items()
        ]

    def _clock_report_name(self):
        """Name of the printed file, in the language of whoever prints it."""
        self.ensure_one()
        return self.env._(
            "Time limits of complaint %(number)s", number=self.name.replace("/", "-")
        )
