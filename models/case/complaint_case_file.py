from odoo import models
from odoo.tools.misc import format_datetime

from ..words import label, plain


class ComplaintCase(models.Model):
    """The case file: everything on record about a complaint, for paper (D3, I4).

    For staff, and for whom they give it to: a regulator, a court. Texts are plain, so
    that nothing that somebody wrote can load anything when it is printed.
    """

    _inherit = "complaint.case"

    def _file_facts(self):
        """What the complaint is, as (label, text), without what is empty."""
        self.ensure_one()
        labels = (
            ("partner_name", self.partner_id.name or self.partner_name),
            ("customer_type", label(self, "customer_type")),
            ("email_from", self.email_from),
            ("phone", self.phone),
            ("channel_id", self.channel_id.name),
            ("source", label(self, "source")),
            ("date_received", self._file_when(self.date_received)),
            ("order_id", self.order_id.name),
            ("product_id", self.product_id.display_name),
            ("category_id", self.category_id.display_name),
            ("nature", label(self, "nature")),
            ("classification_text", self.classification_text),
            ("priority", label(self, "priority")),
            ("team_id", self.team_id.name),
            ("user_id", self.user_id.name),
            ("outcome", label(self, "outcome")),
            ("closed_at", self._file_when(self.closed_at)),
        )
        for name, text in labels:
            if text:
                yield self._fields[name]._description_string(self.env), text

    def _file_timeline(self):
        """What happened, in the order of time.

        :return: list of dict: when, what, who
        """
        rows = [
            (
                row.reached_at,
                label(row, "milestone"),
                row.user_id.name or "",
            )
            for row in self.milestone_ids
        ]
        rows += [
            (row.handed_at, self.env._("Handed over to %(person)s", person=to), by)
            for row in self.env["complaint.handover"].search(
                [("case_id", "=", self.id)]
            )
            for to, by in [(row.to_user_id.name, row.from_user_id.name or "")]
        ]
        rows += [
            (
                row.started_at,
                self.env._("Paused: %(reason)s", reason=row.reason_id.name),
                row.user_id.name or "",
            )
            for row in self.pause_ids
        ]
        rows += [
            (row.promised_at, self.env._("Promised an update"), row.user_id.name or "")
            for row in self.promise_ids
        ]
        rows += [
            (clock.deadline, self.env._("Missed: %(limit)s", limit=name), "")
            for clock in self.clock_ids
            if clock.state == "breached"
            for [name] in [clock._milestone_names()]
        ]
        rows += self._file_people()
        rows.append((self.date_received, self.env._("Received"), ""))
        rows.sort(key=lambda row: row[0])
        return [
            {"when": self._file_when(at), "what": what, "who": who}
            for at, what, who in rows
        ]

    def _file_people(self):
        """What people put their name to: signatures, questions, approvals, answers."""
        rows = []
        for report in self.investigation_ids:
            rows += [
                (
                    row.signed_at,
                    self.env._("Report sent back")
                    if row.is_refusal
                    else self.env._("Report signed"),
                    row.person,
                )
                for row in report.signature_ids
            ]
            rows += [
                (row.answered_at, self.env._("Question answered"), row.user_id.name)
                for row in report.question_ids
                if row.answered_at
            ]
        rows += [
            (row.decided_at, label(row, "verdict"), row.user_id.name)
            for row in self.approval_ids
        ]
        rows += [
            (one.executed_at, one.display_name, one.executed_by_id.name or "")
            for one in self.remedy_ids
            if one.executed_at
        ]
        return rows

    def _file_messages(self):
        """Everything that was written, oldest first.

        :return: list of dict: when, who, is_internal, text, files (names)
        """
        messages = self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "!=", "user_notification"),
            ],
            order="date, id",
        )
        return [
            {
                "when": self._file_when(message.date),
                "who": message.author_id.name or message.email_from or "",
                "is_internal": message.is_internal or message.subtype_id.internal,
                "text": text,
                "files": ", ".join(message.attachment_ids.mapped("name")),
            }
            for message in messages
            for text in [plain(message.body)]
            if text or message.attachment_ids
        ]

    def _file_answers(self):
        """The answers given, of every round.

        :return: list of dict: round, when, who, way, text, findings
        """
        return [
            {
                "round": row.round,
                "when": self._file_when(row.answered_at),
                "who": row.user_id.name or "",
                "way": self._file_way(row),
                "text": plain(row.body),
                "findings": row.findings or "",
            }
            for row in self.answer_ids.sorted("round")
        ]

    def _file_way(self, answer):
        """How an answer went out, and who approved it."""
        approved = answer.approved_by_id and self.env._(
            "approved by %(person)s", person=answer.approved_by_id.name
        )
        parts = [
            label(answer, "channel"),
            answer.delivery_note,
            label(answer, "delivery"),
            approved,
        ]
        return ", ".join(filter(None, parts))

    def _file_reviews(self):
        """Reviews asked for, with what was decided.

        :return: list of dict: when, reason, verdict, text
        """
        return [
            {
                "when": self._file_when(row.asked_at),
                "reason": row.reason,
                "verdict": label(row, "verdict") or "",
                "text": plain(row.decision),
            }
            for row in self.review_ids
        ]

    def _file_when(self, moment):
        return moment and format_datetime(self.env, moment)

    def _file_name(self):
        """Name of the printed file, in the language of whoever prints it."""
        self.ensure_one()
        return self.env._(
            "Case file of complaint %(number)s", number=self.name.replace("/", "-")
        )
