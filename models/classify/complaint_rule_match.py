from typing import NamedTuple

from odoo import api, models
from odoo.tools import html2plaintext

from ...tools.wording import haystack, needles, without, words_found
from ..constants import TRIAGE
from ..facts import order_amount, path_of, tags_of, within
from .complaint_rule import EFFECTS

#: Conditions whose facts cost queries of their own.
COSTLY = (
    "product_category_ids",
    "partner_tag_ids",
    "order_amount_min",
    "order_amount_max",
)
#: Effects of which the greatest counts, not the first.
RAISED = {"priority", *TRIAGE}
#: Words named as a reason: a complaint that says everything need not be repeated.
WORDS_NAMED = 5
#: Characters of the description that are read: a mail may bring megabytes, and what a
#: complaint is about is said at its beginning.
LENGTH_READ = 50_000


def _words(subject, description):
    return f"{subject or ''}\n{html2plaintext((description or '')[:LENGTH_READ])}"


class Draft(NamedTuple):
    """A complaint as rules look at it, registered already or about to be."""

    text: str
    company: models.Model
    category: models.Model
    channel: models.Model
    source: str
    customer_type: str
    partner: models.Model
    order: models.Model
    product: models.Model
    #: whether words of categories are looked for
    wants_category: bool = True


class Facts(NamedTuple):
    """The same in ids, words and amounts."""

    hay: str
    company: int
    currency: int
    path: frozenset
    channel: int
    product_path: frozenset
    tags: frozenset
    amount: float | None
    source: str
    customer_type: str
    lang: str


class Decision(NamedTuple):
    """What a rule says about one field of a case, and why."""

    field: str
    value: object
    rule: models.Model
    #: {condition: what of it was found}, values that JSON can hold
    because: dict
    kind: str = "rule"


class ComplaintRule(models.Model):
    """Finding out which rules fit, in memory: a fixed number of queries for any number
    of complaints and rules."""

    _inherit = "complaint.rule"

    @api.model
    def _decide(self, drafts):
        """What the active rules say about complaints (B4).

        Words of categories count where no rule names a category (B1).

        :param list drafts: of Draft, with readable records
        :return: for each draft a list of Decision; of a field that is raised, the
            greatest; of tags, one for each
        """
        companies = {draft.company.id for draft in drafts}
        rules = self.search([("company_id", "in", [False, *companies])])
        asked = {name for name in COSTLY if any(rule[name] for rule in rules)}
        compiled = [(rule, rule._compiled()) for rule in rules]
        worded = self.env["complaint.category"]._propose_with_words(
            [draft.text if draft.wants_category else "" for draft in drafts]
        )
        return [
            self._decide_one(compiled, self._facts(draft, asked), draft, *words)
            for draft, words in zip(drafts, worded, strict=True)
        ]

    @api.model
    def _decide_one(self, compiled, facts, draft, category, word):
        """Go through the rules for one complaint; see :meth:`_decide`.

        :param category: what the wording proposes, may be empty
        """
        decided = {}
        if category and not draft.category:
            facts = facts._replace(path=frozenset(path_of(category)))
        for rule, fits in compiled:
            because = fits(facts)
            if because is None:
                continue
            for decision in rule._effects(because, draft):
                key = decision.field
                if key == "tag_ids":
                    key = (key, decision.value)
                held = decided.get(key)
                if held is None or (
                    key in RAISED and int(decision.value) > int(held.value)
                ):
                    decided[key] = decision
                    if key == "category_id" and not draft.category:
                        path = path_of(rule.set_category_id)
                        facts = facts._replace(path=frozenset(path))
        if category and "category_id" not in decided:
            decided["category_id"] = Decision(
                "category_id", category.id, self.browse(), {"words": [word]}, "words"
            )
        return list(decided.values())

    def _effects(self, because, draft):
        """The decisions of a rule that fits, in the order of EFFECTS."""
        for name, field in EFFECTS.items():
            value = self[name]
            if not value or (field in TRIAGE and value == "0"):
                continue
            if field == "tag_ids":
                for tag in value:
                    yield Decision(field, tag.id, self, because)
            elif field == "team_id":
                if value.company_id in (draft.company, draft.company[:0]):
                    yield Decision(field, value.id, self, because)
            else:
                plain = value.id if isinstance(value, models.Model) else value
                yield Decision(field, plain, self, because)

    def _confidential_people(self, company, team_id):
        """Who is named on a case that a rule makes confidential.

        Never nobody: the case would be hidden from everybody.
        """
        self.ensure_one()
        people = self.confidential_user_ids.filtered("active")
        if not people:
            people = self.env["complaint.team"].browse(team_id or []).user_id
            people |= company._complaint_managers()
        return people

    # What rules look at ---------------------------------------------------------------

    @api.model
    def _drafts(self, vals_list):
        """Complaints that are about to be registered, as rules look at them.

        :param list[dict] vals_list: values of complaint.case with their company
        """
        env = self.env
        found = {
            field: self._together(model, [vals.get(field) for vals in vals_list])
            for field, model in (
                ("company_id", env["res.company"]),
                ("category_id", env["complaint.category"]),
                ("channel_id", env["complaint.channel"]),
                ("partner_id", env["res.partner"]),
                ("order_id", env["sale.order"]),
                ("product_id", env["product.product"]),
            )
        }
        drafts = []
        for number, vals in enumerate(vals_list):
            partner = found["partner_id"][number]
            kind = vals.get("customer_type")
            drafts.append(
                Draft(
                    text=_words(vals.get("subject"), vals.get("description")),
                    company=found["company_id"][number],
                    category=found["category_id"][number],
                    channel=found["channel_id"][number],
                    source=vals.get("source") or "external",
                    customer_type=kind
                    or (partner._complaint_customer_type() if partner else False),
                    partner=partner,
                    order=found["order_id"][number],
                    product=found["product_id"][number],
                    wants_category=not vals.get("category_id"),
                )
            )
        return drafts

    @api.model
    def _together(self, model, ids):
        """Records for ids (some empty) that are read together."""
        known = list({id_ for id_ in ids if id_})
        return [model.browse(id_ or []).with_prefetch(known) for id_ in ids]

    @api.model
    def _draft_of(self, case):
        """A case, also one that is being typed in, as rules look at it."""
        return Draft(
            text=_words(case.subject, case.description),
            company=case.company_id,
            category=case.category_id,
            channel=case.channel_id,
            source=case.source,
            customer_type=case.customer_type,
            partner=case.partner_id,
            order=case.order_id,
            product=case.product_id,
        )

    @api.model
    def _facts(self, draft, asked):
        """:param set asked: which of the costly conditions any rule has"""
        product_path = tags = ()
        amount = None
        if "product_category_ids" in asked:
            product_path = path_of(draft.product.categ_id)
        if "partner_tag_ids" in asked:
            tags = tags_of(draft.partner)
        if asked & {"order_amount_min", "order_amount_max"}:
            amount = order_amount(draft.order, draft.company)
        return Facts(
            hay=haystack(draft.text),
            company=draft.company.id,
            currency=draft.company.currency_id.id,
            path=frozenset(path_of(draft.category)),
            channel=draft.channel.id,
            product_path=frozenset(product_path),
            tags=frozenset(tags),
            amount=amount,
            source=draft.source,
            customer_type=draft.customer_type,
            lang=draft.partner.lang,
        )

    # One rule -----------------------------------------------------------------------

    def _compiled(self):
        """A function that tells for facts why the rule fits them; None: it does not."""
        self.ensure_one()
        plain = self._compiled_plain()
        within_sets = self._compiled_sets()
        wording = self._compiled_words()
        least, most = self.order_amount_min, self.order_amount_max

        def fits(facts):
            because = {}
            if not (plain(facts, because) and within(facts.amount, least, most)):
                return None
            if least or most:
                because["order_amount"] = [least, most, facts.currency]
            if not (within_sets(facts, because) and wording(facts, because)):
                return None
            return because

        return fits

    def _compiled_plain(self):
        """Conditions that are one word or one company."""
        company = self.company_id.id
        wanted = {
            name: self[name]
            for name in ("source", "customer_type", "lang")
            if self[name]
        }

        def fits(facts, because):
            if company and company != facts.company:
                return False
            for name, value in wanted.items():
                if getattr(facts, name) != value:
                    return False
                because[name] = value
            return True

        return fits

    def _compiled_sets(self):
        """Conditions of which one of several must be found."""
        wanted = [
            (name, frozenset(self[name].ids), fact)
            for name, fact in (
                ("category_ids", "path"),
                ("product_category_ids", "product_path"),
                ("partner_tag_ids", "tags"),
                ("channel_ids", "channel"),
            )
            if self[name]
        ]

        def fits(facts, because):
            for name, ids, fact in wanted:
                value = getattr(facts, fact)
                found = ids & (value if isinstance(value, frozenset) else {value})
                if not found:
                    return False
                because[name] = sorted(found)
            return True

        return fits

    def _compiled_words(self):
        """Conditions on the wording."""
        lists = [needles(self.words), needles(self.words_also)]
        lists = [wanted for wanted in lists if wanted]
        barred, ignored = needles(self.words_without), needles(self.phrases_ignored)

        def fits(facts, because):
            if any(needle.text in facts.hay for needle in barred):
                return False
            hay = without(facts.hay, ignored)
            found = [words_found(hay, wanted) for wanted in lists]
            if not all(found):
                return False
            if found:
                because["words"] = [
                    word for words in found for word in words[:WORDS_NAMED]
                ]
            return True

        return fits
