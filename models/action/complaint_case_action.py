from odoo import fields, models

from ..case.complaint_case_checklist import Point
from ..words import label


class ComplaintCase(models.Model):
    """What the company changes because of a complaint (E3).

    A complaint is not closed with a measure that nobody has in hand; one that is under
    way goes on by itself: customers do not wait for it.
    """

    _inherit = "complaint.case"

    action_ids = fields.One2many(
        comodel_name="complaint.action",
        inverse_name="case_id",
        string="Corrective Actions",
        copy=False,
        groups="base.group_user",
    )

    def action_plan_action(self):
        """Open a new corrective action of this complaint."""
        self.ensure_one()
        self.check_access("write")
        right = self.allegation_ids.filtered(
            lambda line: line.finding in ("upheld", "partly")
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan a corrective action"),
            "res_model": "complaint.action",
            "views": [(False, "form")],
            "context": {
                "default_case_id": self.id,
                "default_allegation_id": right.id if len(right) == 1 else False,
            },
        }

    def _missing_to_close(self):
        missing = super()._missing_to_close()
        # sudo: they bind closing, whoever closes.
        for one in self.sudo().action_ids.filtered(lambda one: one.state == "draft"):
            text = self.env._(
                "nobody has “%(measure)s” in hand. Put it in hand or delete the plan.",
                measure=one.name,
            )
            missing.append(Point(text, where=one))
        return missing

    def _answer_points(self):
        points = super()._answer_points()
        told = self._letter_improvements()
        if told:
            text = self.env._(
                "the letter says what changes: %(improvements)s",
                improvements=" ".join(row["text"] for row in told),
            )
            points.append(Point(text, True))
        elif any(line.finding == "upheld" for line in self.allegation_ids):
            text = self.env._("the letter says nothing of what the company improves.")
            points.append(Point(text, is_binding=False))
        return points

    def _merge_move_lines(self, target):
        result = super()._merge_move_lines(target)
        # sudo: what is in hand moves with its complaint only.
        actions = self.sudo().action_ids
        actions.write({"case_id": target.id})
        actions.clock_ids.write({"case_id": target.id})
        return result

    def _split_move_lines(self, new, allegations):
        """What is for the allegations split off goes with them."""
        # sudo: as above.
        actions = self.sudo().action_ids.filtered(
            lambda one: one.allegation_id in allegations
        )
        result = super()._split_move_lines(new, allegations)
        actions.write({"case_id": new.id})
        actions.clock_ids.write({"case_id": new.id})
        return result

    # What is told -------------------------------------------------------------------

    def _letter_improvements(self):
        """What the letter says that the company changes, as :meth:`_improvements`."""
        self.ensure_one()
        # A copy printed later says what the letter said.
        sent_at = self.sudo().answered_at  # sudo: a date, for the customer as well.
        return [
            row
            for row in self._improvements()
            if not sent_at or row["since"] <= sent_at
        ]

    def _improvements(self):
        """All that customers may be told of, also after the answer.

        :return: list of dict: text, is_done, since (UTC)
        """
        self.ensure_one()
        return [
            {
                "since": one.started_at,
                "text": one.customer_text.strip(),
                "is_done": one.state in ("accepted", "effective"),
            }
            # sudo: what the customer is told, nothing else.
            for one in self.sudo().action_ids.sorted("id")
            if (one.customer_text or "").strip()
            and one.state in ("underway", "done", "accepted", "effective")
        ]

    def _portal_page(self, links=True, is_complainant=False):
        page = super()._portal_page(links, is_complainant)
        # sudo: a date; what is planned is told with the answer.
        told = self._improvements() if self.sudo().answered_at else []
        return page | {"improvements": told}

    def _file_actions(self):
        """Corrective actions for the case file.

        :return: list of dict: what, state, who, target, rows of the history
        """
        return [
            {
                "what": one.name,
                "kind": label(one, "kind"),
                "state": label(one, "state"),
                "who": ", ".join(
                    filter(None, [one.user_id.name, one.department_id.name])
                ),
                "target": one.target or "",
                "rows": [
                    {
                        "when": self._file_when(row.at),
                        "what": label(row, "kind"),
                        "who": row.user_id.name or "",
                        "text": row._file_text(),
                    }
                    for row in one.entry_ids
                ],
            }
            for one in self.action_ids.sorted("id")
        ]
