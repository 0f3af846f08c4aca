from collections import defaultdict
from email.utils import formataddr

import psycopg2

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import email_normalize, plaintext2html

from ..models.constants import MILESTONES, PHASE_ORDER
from ..models.intake.complaint_case_intake import SUBJECT_LENGTH
from ..tools.problems import Problem
from ..tools.table import fold

#: What the database refuses for the sake of one row.
ROW_ERRORS = (UserError, ValueError, psycopg2.IntegrityError, psycopg2.DataError)


class ComplaintImport(models.TransientModel):
    """How the entries of a register become complaints, many at a time."""

    _inherit = "complaint.import"

    def _without_present(self, entries):
        """The entries whose number is not here yet; one query."""
        # sudo: a complaint that the user may not see counts as well.
        cases = self.env["complaint.case"].sudo().with_context(active_test=False)
        present = {
            row["import_reference"]
            for row in cases.search_read(
                [
                    ("company_id", "=", self.env.company.id),
                    ("import_reference", "in", [entry.reference for entry in entries]),
                ],
                ["import_reference"],
                order="id",
            )
        }
        return [entry for entry in entries if entry.reference not in present]

    # Names ----------------------------------------------------------------------------

    def _resolve(self, entries):
        """Find what channels, categories and phases the entries name.

        :return: list of (entry, values of complaint.case), and what stays out as a
            list of (row, Problem)
        """
        stages = self.env["complaint.stage"]._by_phase()
        lookups = {
            "channel": self._lookup("complaint.channel", ["code", "name"]),
            "category": self._lookup("complaint.category", ["complete_name", "name"]),
        }
        ready, unknown = [], []
        for entry in entries:
            try:
                ready.append((entry, self._case_values(entry, stages, lookups)))
            except Problem as problem:
                unknown.append((entry.row, problem))
        return ready, unknown

    @api.model
    def _lookup(self, model, names):
        """{name: ids} of the records of a small vocabulary."""
        found = defaultdict(set)
        for record in self.env[model].search([("active", "=", True)]):
            for name in filter(None, (record[name] for name in names)):
                found[fold(name)].add(record.id)
        return found

    @api.model
    def _look_up(self, target, alternatives, found):
        for name in alternatives:
            ids = found.get(fold(name), ())
            if len(ids) > 1:
                raise Problem("several_records", field=target, value=name)
            if ids:
                return next(iter(ids))
        raise Problem("no_record", field=target, value=", ".join(alternatives))

    def _case_values(self, entry, stages, lookups):
        values = dict(entry.values)
        case = {"company_id": self.env.company.id}
        for target, found in lookups.items():
            alternatives = values.pop(target, None)
            if alternatives:
                case[f"{target}_id"] = self._look_up(target, alternatives, found)
        status = values.pop("status", None) or {"phase": "received"}
        phase = status["phase"]
        case["stage_id"] = stages[phase].id
        case["outcome"] = status.get("outcome", False)
        if 0 < PHASE_ORDER[phase] < PHASE_ORDER["closed"]:
            # Taken up, and a complaint that was taken up is never without an owner.
            case["user_id"] = self.user_id.id or self.env.uid
        if self.team_id:
            case["team_id"] = self.team_id.id
        milestones = [
            Command.create({"round": 1, "milestone": name, "reached_at": moment})
            for name, _label in MILESTONES
            if (moment := values.pop(f"{name}_at", None))
        ]
        return {**values, **case, **self._texts(values), "milestone_ids": milestones}

    @api.model
    def _texts(self, values):
        """Long subjects go on in the description; rich text is plain in a file."""
        subject = " ".join(values["subject"].split())
        description = values.get("description") or ""
        if len(subject) > SUBJECT_LENGTH:
            description = f"{subject}\n\n{description}".strip()
            subject = f"{subject[: SUBJECT_LENGTH - 1]}…"
        email = values.get("email_from")
        if email and not email_normalize(email):
            raise Problem("bad_email", field="email_from", value=email)
        return {
            "subject": subject,
            "description": plaintext2html(description) if description else False,
            "answer": plaintext2html(values["answer"])
            if values.get("answer")
            else False,
        }

    # Creating -------------------------------------------------------------------

    def _create_batch(self, ready):
        """Create complaints; what the database refuses is found by halving.

        So a bad row costs a few attempts of its own, not one for each of the batch.

        :param ready: list of (entry, values)
        :return: what was refused, as a list of (row, Problem)
        """
        try:
            with self.env.cr.savepoint():
                self._create_cases(ready)
            return []
        except ROW_ERRORS as error:
            if len(ready) == 1:
                reason = self._reason(error)
                return [(ready[0][0].row, Problem("refused", reason=reason))]
        middle = len(ready) // 2
        return self._create_batch(ready[:middle]) + self._create_batch(ready[middle:])

    def _create_cases(self, ready):
        vals_list = [dict(values) for _entry, values in ready]
        self._find_partners(vals_list)
        # sudo: managers only come here (checked at the start of _bring_in), and nobody
        # may write milestones by hand or see all complainants to find them.
        cases = (
            self.env["complaint.case"]
            .sudo()
            .with_context(
                complaint_history=True,
                tracking_disable=True,
                mail_create_nosubscribe=True,
                mail_create_nolog=True,
            )
            .create(vals_list)
        )
        cases._message_log_batch(
            bodies={
                case.id: self.env._(
                    "Brought in from %(file)s, line %(line)s.",
                    file=self.filename or "CSV",
                    line=entry.row.line,
                )
                for case, (entry, _values) in zip(cases, ready, strict=True)
            }
        )

    def _find_partners(self, vals_list):
        """Find or create the complainants by their addresses, all with one search."""
        company = self.env.company
        wanted = [vals for vals in vals_list if vals.get("email_from")]
        if not wanted:
            return
        # sudo: as in _create_cases.
        partners = (
            self.env["res.partner"]
            .sudo()
            .with_context(tracking_disable=True)
            ._find_or_create_from_emails(
                [
                    formataddr((vals.get("partner_name") or "", vals["email_from"]))
                    for vals in wanted
                ],
                filter_found=lambda partner: (
                    not partner.company_id or partner.company_id == company
                ),
                additional_values={
                    email_normalize(vals["email_from"]): {"phone": vals.get("phone")}
                    for vals in wanted
                    if vals.get("phone")
                },
            )
        )
        for vals, partner in zip(wanted, partners, strict=True):
            vals["partner_id"] = partner.id

    @api.model
    def _reason(self, error):
        if isinstance(error, psycopg2.Error):
            return self.env["complaint.case"]._sql_error_to_message(error)
        return str(error)
