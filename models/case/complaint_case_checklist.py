from datetime import timedelta
from typing import NamedTuple

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, is_html_empty

from ..constants import OUTCOMES_WITHOUT_ANSWER

#: Findings that a customer is not left alone with: they are given reasons.
TO_BE_EXPLAINED = ("partly", "not_upheld", "not_proven")


class Point(NamedTuple):
    """One line of a checklist (E4, E5)."""

    #: A sentence that begins small, for "CMP/2026/00001: write the answer first."
    text: str
    is_done: bool = False
    #: Whether the phase is entered only with it; else it is worth a thought.
    is_binding: bool = True
    #: The record where it is put right; nothing where that is the complaint itself.
    where: models.BaseModel | None = None
    #: A button of the complaint that leads to where it is put right.
    button: str = ""

    @property
    def sentence(self):
        """The text where it stands for itself."""
        return self.text[:1].upper() + self.text[1:]


class ComplaintCase(models.Model):
    """What a complaint needs before it goes on: the same list for the door that
    refuses, for the dialogue that shows what is missing, and for bulk work (E4, E5).

    A concern that binds a phase adds its points to :meth:`_missing_for`; what is worth
    a look before the answer goes out is added to :meth:`_answer_points`.
    """

    _inherit = "complaint.case"

    def _check_phase_demands(self, phase):
        """Refuse to enter a phase without what it demands (E5), naming the case.

        :raise UserError: naming everything that is missing
        """
        for case in self:
            missing = case._missing_for(phase)
            if missing:
                raise UserError(
                    self.env._(
                        "%(complaint)s: %(problem)s",
                        complaint=case.display_name,
                        problem=case._missing_text(missing),
                    )
                )

    def _missing_text(self, missing):
        """Points in words: one as a sentence, several as a list."""
        if len(missing) == 1:
            return missing[0].text
        lines = [self.env._("this is missing:")]
        return "\n".join(lines + [f"• {point.text}" for point in missing])

    def _missing_for(self, phase):
        """What the case lacks to enter the phase.

        :return: list of Point, none of them done
        """
        self.ensure_one()
        if phase == "received":
            return []
        if phase == "closed":
            return self._missing_to_close()
        missing = []
        if not self.user_id:
            missing.append(
                Point(self.env._("choose a handler, a complaint never is without one."))
            )
        if phase == "accepted":
            return missing
        if not self.category_id and self.outcome != "refused":
            missing.append(
                Point(self.env._("choose a category, it decides what happens next."))
            )
        return missing + self._missing_to_answer() if phase == "answered" else missing

    def _missing_to_answer(self):
        missing = []
        if is_html_empty(self.answer):
            missing.append(Point(self.env._("write the answer to the customer first.")))
        if self.outcome == "refused":
            return missing
        for allegation in self.allegation_ids:
            if not allegation.finding:
                missing.append(
                    Point(
                        self.env._(
                            "give “%(allegation)s” a finding.",
                            allegation=allegation.summary,
                        ),
                        where=allegation,
                    )
                )
            elif allegation.finding in TO_BE_EXPLAINED and not allegation.reason:
                missing.append(
                    Point(
                        self.env._(
                            "give the reasons for the finding on “%(allegation)s”.",
                            allegation=allegation.summary,
                        ),
                        where=allegation,
                    )
                )
        return missing

    def _missing_to_close(self):
        missing = []
        if not self.outcome:
            missing.append(Point(self.env._("choose how it ended (outcome) first.")))
        if self.outcome not in OUTCOMES_WITHOUT_ANSWER and not self.answered_at:
            missing.append(
                Point(self.env._("the customer has no answer yet. Answer it first."))
            )
        return missing

    # Before the answer goes out -----------------------------------------------------

    def _answer_points(self):
        """The checklist of the answer: what is missing, what is there, what is worth
        a thought (E4).

        :return: list of Point
        """
        self.ensure_one()
        points = self._missing_for("answered")
        if not is_html_empty(self.answer):
            points.append(
                Point(self.env._("the answer to the customer is written."), True)
            )
        points += self._answer_findings_points()
        return points + self._answer_rights_points()

    def _answer_findings_points(self):
        if self.outcome == "refused":
            return self._refused_though_right()
        if not self.allegation_ids:
            return [
                Point(
                    self.env._(
                        "no allegation is recorded: the letter has no findings, point "
                        "by point."
                    ),
                    is_binding=False,
                )
            ]
        if any(not line.finding for line in self.allegation_ids):
            return []
        points = [Point(self.env._("every allegation has a finding."), True)]
        for line in self.allegation_ids:
            if self.reopened_at and line.write_date < self.reopened_at:
                text = self.env._(
                    "the finding on “%(allegation)s” is from before the complaint was "
                    "opened again. The letter repeats it.",
                    allegation=line.summary,
                )
                points.append(Point(text, is_binding=False, where=line))
        return points

    def _refused_though_right(self):
        right = self.allegation_ids.filtered(
            lambda line: line.finding in ("upheld", "partly")
        )
        if not right:
            return []
        text = self.env._(
            "the complaint is refused, and findings say that the customer is right."
        )
        return [Point(text, is_binding=False, where=right[:1])]

    def _answer_rights_points(self):
        """What the letter tells of the customer's rights, by the company's settings."""
        # sudo: the setting only.
        days = self.company_id.sudo().complaint_autoclose_days
        until = days and self._letter_day_end(fields.Datetime.now(), days)
        if until:
            last = self._letter_local(until - timedelta(seconds=1)).date()
            told = self.env._(
                "the letter says that the customer may object until %(day)s.",
                day=format_date(self.env, last),
            )
        else:
            told = self.env._("the letter sets no day until which to object.")
        return [Point(told, bool(until), is_binding=False)]
