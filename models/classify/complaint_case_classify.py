import json

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..constants import TRIAGE
from .complaint_classification import FIELDS

#: What a person may change against the proposal, with a reason.
DECIDED = ("priority", "nature", "handling_mode", "category_id")
#: Values that mean that nobody has decided yet.
UNDECIDED = {"priority": "0", "nature": "general", "handling_mode": "general"}
_ORDER = {name: rank for rank, (name, _label) in enumerate(FIELDS)}


class ComplaintCase(models.Model):
    """Category, nature, priority and handling mode are proposed by rules, with the
    reason; a person may decide otherwise and says why (B1-B4)."""

    _inherit = "complaint.case"

    classification_ids = fields.One2many(
        comodel_name="complaint.classification",
        inverse_name="case_id",
        string="Reasons of the Classification",
        readonly=True,
        groups="base.group_user",
    )
    classification_text = fields.Text(
        string="Why",
        compute="_compute_classification_text",
        groups="base.group_user",
        help="What decided category, nature, priority and handling mode.",
    )
    needs_override_reason = fields.Boolean(
        compute="_compute_needs_override_reason", groups="base.group_user"
    )
    # Neither is stored: the reason goes on record as a line of its own, the draft says
    # what the form showed while the complaint was typed in.
    override_reason = fields.Char(
        string="Why otherwise",
        store=False,
        groups="base.group_user",
        help="The classification was proposed. Say why you decide otherwise; it is "
        "kept with the complaint.",
    )
    draft_proposal = fields.Char(store=False, groups="base.group_user")

    # Shown ----------------------------------------------------------------------------

    @api.depends("classification_ids.is_current", "draft_proposal", *DECIDED)
    @api.depends_context("lang")
    def _compute_classification_text(self):
        for case in self:
            lines = case.classification_ids.filtered("is_current")
            if not case._origin and case.draft_proposal:
                lines = case._draft_lines()
            case.classification_text = case._tell(lines)

    def _tell(self, lines):
        """Lines as sentences: "Urgent, Major: words “injured” (Safety)".

        What was decided for the same reason is told in one sentence; where a person
        decided otherwise, that is told and not the proposal.
        """
        lines = lines.filtered(
            lambda line: (
                line.field not in TRIAGE
                and (line.kind != "person" or line._is_value_of(self))
            )
        )
        by_person = {line.field for line in lines if line.kind == "person"}
        sentences = {}
        for line in lines.sorted(lambda line: _ORDER[line.field]):
            if line.kind == "person" or line.field not in by_person:
                sentences.setdefault(line._because(), []).append(
                    line._decided_text(self)
                )
        return "\n".join(
            f"{', '.join(dict.fromkeys(values))}: {because}"
            for because, values in sentences.items()
        )

    @api.depends(*DECIDED, *TRIAGE)
    def _compute_needs_override_reason(self):
        for case in self:
            before = case._origin
            if before:
                values = {
                    name: case[name] for name in DECIDED if case[name] != before[name]
                }
                proposals = values and before._proposals(case._triage_levels())[before]
            else:
                values = {name: case[name] for name in DECIDED}
                proposals = case.draft_proposal and case._draft_proposals()
            case.needs_override_reason = any(
                name in (proposals or {})
                and _plain(value) != _plain(proposals[name].value)
                for name, value in values.items()
            )

    # At the door ----------------------------------------------------------------------

    @api.model
    def _intake_classify(self, vals_list):
        """Classify complaints by the rules before they are registered (B1-B4).

        What is given stays as it is; the rest is filled in. A fixed number of queries
        for any number of complaints.

        :param list[dict] vals_list: values of complaint.case; completed in place
        :return: for :meth:`_classified`, what was proposed for each
        """
        self._complete_company(vals_list)
        # sudo: customers and handlers need no access to rules, tags or orders.
        rules = self.env["complaint.rule"].sudo()
        drafts = rules._drafts(vals_list)
        proposals = rules._decide(drafts)
        named = {}
        for vals, draft, decisions in zip(vals_list, drafts, proposals, strict=True):
            given = {name for name, value in vals.items() if value}
            decisions.extend(self._triage_decisions(vals, decisions, draft.company))
            self._fill_in(vals, decisions, given, draft, named)
        return proposals

    @api.model
    def _fill_in(self, vals, decisions, given, draft, named):
        """Complete values by what was decided, but for what is given.

        :param dict named: who is named on confidential complaints, found out once for
            each rule, company and team
        """
        for decision in decisions:
            if decision.field in given:
                continue
            if decision.field == "tag_ids":
                vals.setdefault("tag_ids", []).append(Command.link(decision.value))
                continue
            vals[decision.field] = decision.value
            if decision.field == "is_confidential":
                key = (decision.rule, draft.company, vals.get("team_id"))
                if key not in named:
                    named[key] = decision.rule._confidential_people(*key[1:])
                vals["confidential_user_ids"] = [Command.set(named[key].ids)]

    @api.model
    def _intake_categories(self, vals_list):
        """Propose a category from the wording only, such as for history (B1)."""
        undecided = [vals for vals in vals_list if not vals.get("category_id")]
        drafts = self.env["complaint.rule"]._drafts(undecided)
        categories = self.env["complaint.category"]._propose(
            [draft.text for draft in drafts]
        )
        for vals, category in zip(undecided, categories, strict=True):
            vals["category_id"] = category.id

    def _classified(self, proposals):
        """Put on record what :meth:`_intake_classify` proposed for these cases."""
        # sudo: reasons are written by the system, by nobody's hand.
        return (
            self.env["complaint.classification"]
            .sudo()
            .create(
                [
                    case._line_values(decision)
                    for case, decisions in zip(self, proposals, strict=True)
                    for decision in decisions
                ]
            )
        )

    def _line_values(self, decision):
        return {
            "case_id": self.id,
            "field": decision.field,
            "value": _plain(decision.value),
            "before": self._before(decision.field),
            "kind": decision.kind,
            "rule_id": decision.rule.id,
            "rule_version": decision.rule.version,
            "because": decision.because,
        }

    def _before(self, name):
        return False if name == "tag_ids" else _plain(self[name])

    # While staff type it in -----------------------------------------------------------

    @api.onchange(
        "subject",
        "description",
        "partner_id",
        "order_id",
        "product_id",
        "channel_id",
        "source",
        "category_id",
    )
    def _onchange_classify(self):
        """Propose while a complaint is typed in; what was proposed before and changed
        by hand since is not proposed again."""
        if self._origin or not self.company_id:
            return
        decisions = self._draft_decisions()
        shown = set(json.loads(self.draft_proposal or "[]"))
        keys = [f"{decision.field}={decision.value}" for decision in decisions]
        for decision, key in zip(decisions, keys, strict=True):
            if key not in shown:
                self._propose_value(decision)
        self.draft_proposal = json.dumps(sorted(shown.union(keys)))

    def _draft_decisions(self):
        """What rules and triage say of a case, registered or not."""
        self.ensure_one()
        # sudo: as in _intake_classify.
        rules = self.env["complaint.rule"].sudo()
        [decisions] = rules._decide([rules._draft_of(self.sudo())])
        levels = {name: self[name] for name in TRIAGE}
        decisions += self._triage_decisions(levels, decisions, self.company_id)
        # Another category than the wording suggests was chosen on purpose.
        return [
            decision
            for decision in decisions
            if decision.kind != "words"
            or self.category_id.id in (False, decision.value)
        ]

    def _draft_lines(self):
        """Reasons of what is not registered yet, as lines that are not stored."""
        return self._unsaved_lines(self._draft_decisions())

    def _unsaved_lines(self, decisions):
        lines = self.env["complaint.classification"]
        for decision in decisions:
            # Without the case, or it would count them as its own and save them.
            values = {**self._line_values(decision), "case_id": False}
            lines += lines.new(values)
        return lines

    def _propose_value(self, decision):
        """Write a proposal into a case where nobody has decided yet."""
        self.ensure_one()
        name, value = decision.field, decision.value
        if name == "tag_ids":
            self.tag_ids |= self.env["complaint.tag"].browse(value)
        elif name == "is_confidential":
            if not self.is_confidential:
                people = decision.rule._confidential_people(
                    self.company_id, self.team_id.id
                )
                self.is_confidential = True
                self.confidential_user_ids |= people
        elif self._is_open_to(name, value):
            self[name] = value

    def _is_open_to(self, name, value):
        """Whether a proposal may be written: priority and triage are raised at most,
        a team is not taken its case, and what somebody chose stays."""
        if name == "priority" or name in TRIAGE:
            return int(self[name] or 0) < int(value)
        if name == "team_id":
            return not self.user_id and self.phase == "received"
        return not self[name] or self[name] == UNDECIDED.get(name)

    @api.model_create_multi
    def create(self, vals_list):
        """What the form proposed and a person changed needs a reason, too."""
        vals_list = [dict(vals) for vals in vals_list]
        typed = [
            (vals.pop("draft_proposal", None), vals.pop("override_reason", None))
            for vals in vals_list
        ]
        cases = super().create(vals_list)
        for case, (draft, reason) in zip(cases, typed, strict=True):
            if draft:
                case._keep_typed(reason)
        return cases

    def _keep_typed(self, reason):
        """Record the reasons of a complaint that was typed in."""
        # Found out again: what a client sends is no proof of what was proposed.
        self._classified([self._draft_decisions()])
        differing = [
            (self, name, False, self[name], decision)
            for name, decision in self._draft_proposals().items()
            if name in DECIDED and _plain(self[name]) != _plain(decision.value)
        ]
        self._check_override_reason(differing, reason)
        self._keep_overrides(differing, reason)

    # A person decides otherwise -------------------------------------------------------

    def write(self, vals):
        vals = dict(vals)
        reason = vals.pop("override_reason", None)
        vals.pop("draft_proposal", None)
        overrides = self._overrides(vals)
        self._check_override_reason(overrides, reason)
        result = super().write(vals)
        self._keep_overrides(overrides, reason)
        return result

    def _overrides(self, vals):
        """What a change decides against the proposal.

        :return: list of (case, field, before, after, Decision of the proposal)
        """
        changed = [name for name in DECIDED if name in vals]
        if not changed or self.env.su:
            return []
        answers = {name: vals[name] for name in TRIAGE if name in vals}
        proposals = self._proposals(answers)
        found = []
        for case in self:
            for name in changed:
                decision = proposals[case].get(name)
                after = _plain(vals[name])
                if decision and after not in (
                    _plain(case[name]),
                    _plain(decision.value),
                ):
                    found.append((case, name, case[name], vals[name], decision))
        return found

    def _proposals(self, answers=None):
        """What rules and triage propose for the cases at present; one query.

        :param dict answers: of the triage, instead of those on record
        :return: {case: {field: Decision}}, fields of DECIDED only
        """
        # sudo: who may change a case may know what was proposed for it.
        lines = (
            self.env["complaint.classification"]
            .sudo()
            .search(
                [
                    ("case_id", "in", self.ids),
                    ("is_current", "=", True),
                    ("kind", "in", ("rule", "words")),
                    ("field", "in", DECIDED),
                ]
            )
            .grouped("case_id")
        )
        found = {}
        for case in self:
            levels = {**case._triage_levels(), **(answers or {})}
            decisions = [line._decision() for line in lines.get(case.sudo(), ())]
            decisions += self._triage_decisions(levels, decisions, case.company_id)
            # The triage comes last: it adds to what rules say.
            found[case] = {decision.field: decision for decision in decisions}
        return found

    def _draft_proposals(self):
        return {decision.field: decision for decision in self._draft_decisions()}

    def _check_override_reason(self, overrides, reason):
        if not overrides or (reason or "").strip():
            return
        case, name, _before, _after, decision = overrides[0]
        line = case._unsaved_lines([decision])
        raise UserError(
            self.env._(
                "%(complaint)s: %(field)s was proposed as “%(value)s” because: "
                "%(because)s. Open the complaint, change it there and say why you "
                "decide otherwise.",
                complaint=case.display_name,
                field=case._fields[name]._description_string(self.env),
                value=line.value_label,
                because=line._because(),
            )
        )

    def _keep_overrides(self, overrides, reason):
        """Put the decisions of a person against proposals on record."""
        if not overrides:
            return
        # sudo: as in _classified.
        lines = self.env["complaint.classification"].sudo()
        pairs = {(case.id, name) for case, name, *_rest in overrides}
        lines.search(
            [
                ("case_id", "in", [case.id for case, *_rest in overrides]),
                ("kind", "=", "person"),
                ("is_current", "=", True),
            ]
        ).filtered(lambda line: (line.case_id.id, line.field) in pairs).write(
            {"is_current": False}
        )
        lines.create(
            [
                {
                    "case_id": case.id,
                    "field": name,
                    "value": _plain(after),
                    "before": _plain(before) or _plain(decision.value),
                    "kind": "person",
                    "reason": reason.strip(),
                    "user_id": self.env.uid,
                }
                for case, name, before, after, decision in overrides
            ]
        )

    # Button ---------------------------------------------------------------------------

    def action_classify(self):
        """Go through the rules again, and fill in what nobody has decided yet."""
        self.check_access("write")
        found = 0
        for case in self.filtered(
            lambda case: case.phase not in ("answered", "closed")
        ):
            found += case._classify_again()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if found else "info",
                "message": self.env._("Proposed by the rules: %(number)s", number=found)
                if found
                else self.env._("No rule fits this complaint."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _classify_again(self):
        """:return: how many proposals there are now"""
        self.ensure_one()
        decisions = self._draft_decisions()
        # sudo: reasons are written by rules, read by who may open the case.
        lines = self.sudo().classification_ids.filtered("is_current")
        by_person = set(
            lines.filtered(lambda line: line.kind == "person").mapped("field")
        )
        lines.filtered(lambda line: line.kind != "person").write({"is_current": False})
        self._classified([decisions])
        for decision in decisions:
            if decision.field not in by_person:
                # sudo: the person asked for the proposals, it decides nothing against
                # them; the rights were checked by the button.
                self.sudo()._propose_value(decision)
        return len(decisions)


def _plain(value):
    """A value of a case as lines keep it: a word, or the id of a record."""
    if isinstance(value, models.Model):
        value = value.id
    return "1" if value is True else str(value) if value else False
