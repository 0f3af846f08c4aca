from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import is_html_empty

#: What stays as it is from the answer on, until the complaint is reopened.
FROZEN_ANSWERED = {"answer"}
#: What stays as it is once the complaint is closed: who complained of what, and how it
#: ended. Contact data is not among it: people move, and may ask for a correction.
FROZEN_CLOSED = FROZEN_ANSWERED | {
    "category_id",
    "channel_id",
    "company_id",
    "date_occurred",
    "date_received",
    "demand",
    "description",
    "is_on_behalf",
    "nature",
    "order_id",
    "outcome",
    "partner_id",
    "product_id",
    "source",
    "subject",
}


class ComplaintCase(models.Model):
    """The record: what was said and promised stays as it was (E5, H2)."""

    _inherit = "complaint.case"

    answer_ids = fields.One2many(
        comodel_name="complaint.answer",
        inverse_name="case_id",
        string="Answers given",
        readonly=True,
        groups="base.group_user",
    )

    @api.constrains("subject")
    def _check_subject(self):
        if any(not case.subject.strip() for case in self):
            raise ValidationError(
                self.env._("Please say in a few words what the complaint is about.")
            )

    @api.constrains("date_occurred", "date_received")
    def _check_days(self):
        # A day later than here is still today somewhere.
        latest = fields.Date.add(fields.Date.today(), days=1)
        earliest = fields.Datetime.to_datetime("1990-01-01")
        for case in self:
            if case.date_occurred and case.date_occurred > latest:
                raise ValidationError(
                    self.env._(
                        "It cannot have happened in the future. Correct the day on "
                        "which it happened."
                    )
                )
            if case.date_received < earliest:
                raise ValidationError(
                    self.env._(
                        "The date received lies before 1990. Correct it, the time "
                        "limits depend on it."
                    )
                )

    def write(self, vals):
        self._check_frozen(vals)
        changed = self._described_otherwise(vals)
        result = super().write(vals)
        changed._log_earlier_words()
        return result

    def _check_frozen(self, vals):
        """Refuse to change what is on record; the same value again is no change."""
        # Whoever calls from outside may put any word into the context: history alone
        # opens nothing, only our own code (su) may set the record right with it.
        if self.env.su and self._is_history():
            return
        for case in self:
            frozen = {"name"} if case.name else set()
            if case.phase == "closed":
                frozen |= FROZEN_CLOSED
            elif case.phase == "answered":
                frozen |= FROZEN_ANSWERED
            for name in sorted(frozen.intersection(vals)):
                if case._is_changed(name, vals[name]):
                    raise UserError(
                        self.env._(
                            "%(complaint)s: “%(field)s” is on record and cannot be "
                            "changed any more. Reopen the complaint if something has "
                            "to be put right.",
                            complaint=case.display_name,
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    def _is_changed(self, name, value):
        field = self._fields[name]
        new = field.convert_to_cache(value, self)
        return field.convert_to_record(new, self) != self[name]

    # The customer's own words ---------------------------------------------------

    def _described_otherwise(self, vals):
        """Cases under way whose description is about to change."""
        if "description" not in vals or (self.env.su and self._is_history()):
            return self.browse()
        changed = self.filtered(
            lambda case: (
                case.phase != "received"
                and not is_html_empty(case.description)
                and case._is_changed("description", vals["description"])
            )
        )
        # Now, while the earlier words can still be read.
        changed._message_log_batch(
            bodies={case.id: case.description for case in changed}
        )
        return changed

    def _log_earlier_words(self):
        if self:
            self._message_log_batch(
                bodies=dict.fromkeys(
                    self.ids,
                    self.env._(
                        "“What happened” was changed. The note before this one has the "
                        "words as they were."
                    ),
                )
            )

    # Answers ----------------------------------------------------------------------

    def _keep_answer(self):
        """Put the answer of the present round on record."""
        # sudo: answers are kept by the door only, by nobody's hand.
        self.env["complaint.answer"].sudo().create(
            [
                case._kept_answer_values()
                for case in self
                if not is_html_empty(case.answer)
            ]
        )

    def _kept_answer_values(self):
        """What is kept of the answer that is given now."""
        by_staff = not self.env.user.share and not self.env.is_superuser()
        return {
            "case_id": self.id,
            "round": self.round,
            "answered_at": self.answered_at,
            "user_id": self.env.uid if by_staff else False,
            "outcome": self.outcome,
            "body": self.answer,
            "findings": self._findings_text(),
        }

    def _findings_text(self):
        labels = dict(
            self.env["complaint.allegation"]
            ._fields["finding"]
            ._description_selection(self.env)
        )
        return "\n".join(
            " · ".join(
                filter(
                    None,
                    [line.summary, labels.get(line.finding), line.reason],
                )
            )
            # sudo: findings are kept whole, whoever sends the answer.
            for line in self.sudo().allegation_ids
        )

    def _enter_history(self):
        result = super()._enter_history()
        self.filtered(lambda case: case.phase in ("answered", "closed"))._keep_answer()
        return result

    def _on_answered(self):
        self._keep_answer()
        return super()._on_answered()

    def _open_round(self):
        """The customer is owed a new answer: the earlier one is on record."""
        result = super()._open_round()
        self.write({"answer": False})
        return result
