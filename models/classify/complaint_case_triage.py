from collections import defaultdict

from odoo import api, fields, models

from ...tools import triage
from ..constants import TRIAGE, TRIAGE_BANDS, TRIAGE_POINTS
from .complaint_case_classify import UNDECIDED
from .complaint_rule_match import Decision


class ComplaintCase(models.Model):
    """A short list of questions that makes what is dangerous urgent, whatever it is
    about: harm, hazard, vulnerable people, publicity, value (field.md 21, B4)."""

    _inherit = "complaint.case"

    triage_harm = fields.Selection(
        selection=TRIAGE["triage_harm"],
        string="Harm",
        tracking=True,
        groups="base.group_user",
        help="What happened to somebody, or what they lost.",
    )
    triage_safety = fields.Selection(
        selection=TRIAGE["triage_safety"],
        string="Hazard",
        tracking=True,
        groups="base.group_user",
        help="What may still happen, to the complainant or to others.",
    )
    triage_vulnerable = fields.Selection(
        selection=TRIAGE["triage_vulnerable"],
        string="Vulnerable person",
        tracking=True,
        groups="base.group_user",
    )
    triage_publicity = fields.Selection(
        selection=TRIAGE["triage_publicity"],
        string="Press or legal threat",
        tracking=True,
        groups="base.group_user",
    )
    triage_value = fields.Selection(
        selection=TRIAGE["triage_value"],
        string="Value",
        tracking=True,
        groups="base.group_user",
        help="Of what is at stake: the order, or the customer.",
    )
    triage_score = fields.Integer(
        string="Triage points",
        compute="_compute_triage_score",
        store=True,
        precompute=True,
        aggregator="avg",
        groups="base.group_user",
    )
    triage_band = fields.Selection(
        selection=TRIAGE_BANDS,
        string="Triage",
        compute="_compute_triage_band",
        groups="base.group_user",
        help="What the points amount to, by the thresholds in the settings.",
    )

    @api.depends(*TRIAGE)
    def _compute_triage_score(self):
        for case in self:
            case.triage_score = triage.score(case._triage_levels(), TRIAGE_POINTS)

    # Not stored: thresholds change, and a complaint is not rewritten by it.
    @api.depends("triage_score", "company_id")
    def _compute_triage_band(self):
        for case in self:
            thresholds = case.company_id._complaint_triage_thresholds()
            case.triage_band = triage.band_of(case.triage_score, thresholds)

    def _triage_levels(self):
        self.ensure_one()
        return {name: self[name] for name in TRIAGE}

    # What follows ---------------------------------------------------------------------

    @api.model
    def _triage_decisions(self, values, decisions, company):
        """What the triage asks for beyond what rules decided.

        :param dict values: answers that are given; {question: level or False}
        :param list decisions: of Decision, by rules; those on the triage count where
            no answer is given
        :return: list of Decision
        """
        by_rule = {decision.field: decision.value for decision in decisions}
        levels = {
            name: level
            for name in TRIAGE
            if (level := values.get(name) or by_rule.get(name) or "0") != "0"
        }
        total = triage.score(levels, TRIAGE_POINTS)
        thresholds = company._complaint_triage_thresholds()
        wanted = {}
        priority = triage.priority_of(total, thresholds)
        if priority > by_rule.get("priority", UNDECIDED["priority"]):
            wanted["priority"] = priority
        if triage.is_major(total, thresholds) and by_rule.get("nature") in (
            None,
            UNDECIDED["nature"],
        ):
            wanted["nature"] = "major"
        because = {"triage": {"total": total, "levels": levels}}
        nobody = self.env["complaint.rule"]
        return [
            Decision(field, value, nobody, because, "triage")
            for field, value in wanted.items()
        ]

    @api.onchange(*TRIAGE)
    def _onchange_triage(self):
        """Show what the answers ask for, before anything is saved."""
        before = self._origin
        if not before:
            self._onchange_classify()
            return
        old = before._proposals()[before]
        new = before._proposals(self._triage_levels())[before]
        self.update(self._following(old, new))

    @api.model_create_multi
    def create(self, vals_list):
        """Answers given with a new complaint count like answers given later."""
        cases = super().create(vals_list)
        # A word in the context opens nothing: it only says that it was done already.
        if not self.env.context.get("complaint_classified") and not self._is_history():
            answered = [
                case.id
                for case, vals in zip(cases, vals_list, strict=True)
                if not vals.get("draft_proposal")
                and any(vals.get(name) for name in TRIAGE)
            ]
            if answered:
                self.browse(answered)._triage_follow({})
        return cases

    def write(self, vals):
        if self._is_history() or not any(name in vals for name in TRIAGE):
            return super().write(vals)
        before = self._proposals()
        result = super().write(vals)
        self._triage_follow(before)
        return result

    def _triage_follow(self, before):
        """Answers changed: propose anew, and let what followed the last proposal follow
        this one. What a person decided otherwise is only ever raised.

        :param dict before: the proposals of each case until now, see _proposals
        """
        after = self._proposals()
        # sudo: reasons are written by the system, see _classified.
        lines = self.env["complaint.classification"].sudo()
        lines.search(
            [
                ("case_id", "in", self.ids),
                ("kind", "=", "triage"),
                ("is_current", "=", True),
            ]
        ).write({"is_current": False})
        lines.create(
            [
                case._line_values(proposal)
                for case in self
                for proposal in after[case].values()
                if proposal.kind == "triage"
            ]
        )
        groups = defaultdict(list)
        for case in self.filtered(lambda case: case.phase != "closed"):
            values = case._following(before.get(case, {}), after[case])
            if values:
                groups[tuple(sorted(values.items()))].append(case.id)
        for values, ids in groups.items():
            # sudo: it follows the proposal, nothing is decided against it.
            self.browse(ids).sudo().write(dict(values))

    def _following(self, old, new):
        """What priority and nature become when their proposals change.

        :param dict old: {field: Decision}, what was proposed until now
        :param dict new: what is proposed now
        :return: values that differ from those of the case
        """
        self.ensure_one()
        values = {}
        for name in ("priority", "nature"):
            was = str(old[name].value) if name in old else UNDECIDED[name]
            now = str(new[name].value) if name in new else UNDECIDED[name]
            is_raised = name == "priority" and now > max(was, self.priority)
            if now != self[name] and (self[name] == was or is_raised):
                values[name] = now
        return values
