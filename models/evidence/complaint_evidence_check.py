from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.fingerprint import fingerprint, first_break


class ComplaintEvidence(models.Model):
    """The re-check: whether everything is as it was when it was sealed (D3).

    What the application refuses can still happen on disk or in the database. The
    scheduled action compares, and raises an alarm once for each difference found.
    """

    _inherit = "complaint.evidence"
    #: Each is read from disk.
    _due_at_once = 20

    checked_at = fields.Datetime(string="Last compared", readonly=True, copy=False)
    alarm_at = fields.Datetime(
        string="Difference found on",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    alarm = fields.Text(string="Difference", readonly=True, copy=False)

    def _plan_check(self, now):
        """Plan when each is compared next: after the days that its company chose."""
        # sudo: the company's setting, and a date that nobody writes by hand.
        for company, pieces in self.sudo().grouped("company_id").items():
            days = company.complaint_evidence_check_days
            pieces.next_event_at = now + timedelta(days=days) if days else False

    def _process_events(self, now):
        for piece in self:
            piece._check(now)
        self._plan_check(now)

    def action_check(self):
        """Compare now.

        :return: a notice of what was found
        """
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(
            "complaint_management.group_handler"
        ):
            raise UserError(self.env._("Only the department compares evidence."))
        # sudo: the outcome is written by this method only.
        for piece in self.sudo():
            piece._check(fields.Datetime.now())
        bad = self.sudo().filtered("alarm_at")
        message = (
            self.env._("Not as it was: %(what)s", what=", ".join(bad.mapped("name")))
            if bad
            else self.env._("Everything is as it was when it was added.")
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "danger" if bad else "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _check(self, now):
        """Compare one piece, and raise or end the alarm."""
        self.ensure_one()
        # What is compared is what is stored, not what this transaction remembers.
        self.env.flush_all()
        self.env.invalidate_all()
        found = "\n".join(self._differences())
        self.checked_at = now
        if found and found != self.alarm:
            self.write({"alarm": found, "alarm_at": self.alarm_at or now})
            self._custody("alarm", found, person=self.env._("Comparison"))
            self._raise_alarm()
        elif not found and self.alarm_at:
            self.write({"alarm": False, "alarm_at": False})
            self._custody("cleared", person=self.env._("Comparison"))

    def _differences(self):
        """What is not as it was, as sentences; empty when all is well."""
        return [
            *self._differences_of_files(),
            *self._differences_of_seal(),
            *self._differences_of_ledger(),
        ]

    def _differences_of_files(self):
        attachments = self.env["ir.attachment"].search(
            [("res_model", "=", self._name), ("res_id", "=", self.id)]
        )
        foreign = attachments - self.file_ids.attachment_id
        for file in foreign:
            yield self.env._("A file was put in: %(file)s", file=file.name)
        for row in self.file_ids:
            file = row.attachment_id
            raw = file.raw or b""
            if not raw:
                yield self.env._("The file is gone: %(file)s", file=row.name)
            elif fingerprint(raw) != row.sha256:
                yield self.env._("The content differs: %(file)s", file=row.name)
            if (
                (file.name, file.mimetype) != (row.name, row.mimetype)
                or (file.res_model, file.res_id) != (self._name, self.id)
                or file.public
                or file.access_token
            ):
                yield self.env._(
                    "Name, type, place or access differ: %(file)s", file=row.name
                )

    def _differences_of_seal(self):
        if self.state != "draft" and self._seal_now() != self.seal:
            yield self.env._("What is said of the piece is not what was sealed.")
        if (self.state == "draft") != (not self.seal):
            yield self.env._("The decision was changed.")

    def _differences_of_ledger(self):
        rows = self.custody_ids.sorted("position")
        broken = first_break([(row._facts(), row.fingerprint) for row in rows])
        if broken is not None:
            yield self.env._(
                "The custody ledger was changed at line %(line)s.", line=broken + 1
            )
        elif len(rows) != self.custody_count or (
            rows[-1:].fingerprint != self.custody_head
        ):
            yield self.env._("Lines are missing at the end of the custody ledger.")

    def _raise_alarm(self):
        """Tell who is responsible, with a to-do each."""
        case = self.case_id
        people = case.team_id.user_id | case.company_id._complaint_managers()
        readers = people.filtered(case._seen_by)
        for person in readers:
            case.activity_schedule(
                "complaint_management.mail_activity_type_evidence",
                summary=self.env._(
                    "Evidence %(reference)s is not as it was", reference=self.name
                ),
                note=self.alarm,
                user_id=person.id,
            )
