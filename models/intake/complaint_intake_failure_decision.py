from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .complaint_intake_failure import WAITING
from .mail_gate import Decision

SUPERVISORS = "complaint_management.group_supervisor"
#: After so many failures it is not tried again by itself.
MAX_ATTEMPTS = 8
#: Days after which filed mail goes, and the copy of what stands in a complaint.
KEEP_DAYS = 180


class ComplaintIntakeFailure(models.Model):
    """What happens to held mail: tried again, or decided about by a person."""

    _inherit = "complaint.intake.failure"

    # By itself ------------------------------------------------------------------------

    def _process_event(self, now):
        """Try again to process the mail, as if it came in now."""
        self.ensure_one()
        if self.state != "retry":
            self.next_event_at = False
            return
        gate = self._gate_again()
        case = self._case_with(gate)
        if not case:
            self._judge(gate)
            if not gate.held:
                self._process(gate)
        if gate.held:
            kind, state, about = gate.held
            self.write(
                {
                    "kind": kind,
                    "state": state,
                    "case_id": (about or self.case_id).id,
                    "next_event_at": False,
                }
            )
            self._alert()
        else:
            self._solve(case or gate.case)

    def _due_failed(self, now, error):
        """A person looks at what fails again and again."""
        result = super()._due_failed(now, error)
        if self.state == "retry" and self.event_failures >= MAX_ATTEMPTS:
            self.write({"state": "quarantined", "next_event_at": False})
        if not result[0]:
            self._alert()
        return result

    def _gate_again(self, decision=None):
        """The gate of the mail, from what was kept of it."""
        self.ensure_one()
        # sudo: the mail is read by the system, whoever decides about it.
        mail = self.sudo()
        raw = mail._raw()
        if not raw:
            raise UserError(
                self.env._("%(mail)s: the mail itself is gone.", mail=mail.display_name)
            )
        options = {"model": False, **(mail.options or {})}
        gate = mail._gate(raw, options, decision)
        if not gate:
            # Its address or complaint is gone: it is still ours.
            gate = mail._gate(raw, options | {"model": "complaint.case"}, decision)
        gate.team = gate.team or mail.team_id
        return gate

    def _raw(self):
        self.ensure_one()
        return self._mail_attachment().raw

    def _mail_attachment(self):
        """The attachment with the mail as it came, of one of these."""
        return self.env["ir.attachment"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("res_field", "=", "mail_file"),
            ],
            limit=1,
        )

    @api.model
    def _mail_of(self, case, message_id):
        """The mail of which a message of a complaint was made; called as the system.

        :param str message_id: Message-Id
        :return: attachment; empty when the mail was never held, or is not kept any more
        """
        return self.search(
            [
                ("case_id", "=", case.id),
                ("message_id", "=", message_id),
                ("state", "=", "solved"),
            ]
        )._mail_attachment()

    @api.model
    def _case_with(self, gate):
        """The complaint that has the mail already."""
        # sudo: the case that a mail belongs to, among all.
        cases = self.env["complaint.case"].sudo()
        if not gate.sketch.message_id:
            return cases
        message = (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("message_id", "=", gate.sketch.message_id),
                    ("model", "=", cases._name),
                ],
                limit=1,
            )
        )
        return cases.browse(message.res_id or ())

    def _solve(self, case, by=None, state="solved", reason=False):
        """Close the matter; whoever it waited for has one thing less to do."""
        self.write(
            {
                "state": state,
                "case_id": case.id if case else self.case_id.id,
                "decided_by_id": by.id if by else False,
                "decided_at": fields.Datetime.now(),
                "decision_reason": reason,
                "next_event_at": False,
            }
        )
        self._alert_done()

    # By a person ----------------------------------------------------------------------

    def action_retry(self):
        """Process the mail again now."""
        waiting = self._check_waiting()
        for mail in waiting:
            try:
                with self.env.cr.savepoint():
                    mail.state = "retry"
                    mail._process_event(fields.Datetime.now())
            except Exception as error:
                if not isinstance(error, UserError):
                    mail._due_failed(fields.Datetime.now(), error)
                    continue
                raise
        return True

    def action_new_case(self):
        """Make a complaint of the mail."""
        self.env["complaint.case"].check_access("create")
        cases = self.env["complaint.case"]
        for mail in self._check_waiting():
            cases |= mail._decide(Decision(team=mail.team_id, by_staff=True))
        return cases.with_user(self.env.user).sudo(False)._get_records_action()

    def action_accept(self):
        """Ask to which complaint the mail is added."""
        return self._ask("accept")

    def action_discard(self):
        """Ask why the mail is discarded."""
        self._check_supervisor()
        return self._ask("discard")

    def action_view_case(self):
        """Open the complaint."""
        self.ensure_one()
        return self.case_id._get_records_action()

    def _ask(self, operation):
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_intake_wizard_action"
        )
        return action | {
            "context": {
                "default_mail_ids": self.ids,
                "default_operation": operation,
                "default_case_id": self.case_id.id if len(self.case_id) == 1 else False,
            }
        }

    def _check_supervisor(self):
        if not self.env.user.has_group(SUPERVISORS):
            raise AccessError(
                self.env._("Only supervisors and managers may discard mail.")
            )

    def _check_waiting(self):
        """Those about which nothing was decided, for whoever may decide.

        :return: the records as the system, which alone writes them
        """
        self.check_access("read")
        if not self.env.user.has_group("complaint_management.group_handler"):
            raise AccessError(self.env._("Only handlers may decide about mail."))
        # sudo: held mail is written by the system only.
        waiting = self.sudo().filtered(
            lambda mail: mail.state in (*WAITING, "filed", "discarded")
        )
        if not waiting:
            raise UserError(
                self.env._("Somebody has decided about this mail in the meantime.")
            )
        return waiting

    def _accept_into(self, case, is_note=False):
        """Add the mails to a complaint, in the name of their senders.

        :param is_note: as a note, which the customer does not see
        """
        case.check_access("write")
        for mail in self._check_waiting():
            # sudo: the decision was made by who may; the mail is posted as its sender.
            mail._decide(Decision(case=case.sudo(), is_note=is_note, by_staff=True))
        return True

    def _discard(self, reason):
        """Nothing is done with the mails."""
        self._check_supervisor()
        for mail in self._check_waiting():
            mail._solve(
                mail.case_id, by=self.env.user, state="discarded", reason=reason
            )

    def _decide(self, decision):
        """Carry out what a person decided about the mail.

        :return: the complaint it is in now
        """
        gate = self._gate_again(decision)
        present = self._case_with(gate)
        if present:
            self._solve(present, by=self.env.user)
            return present
        try:
            self._process(gate)
        except (UserError, OSError):
            raise
        except Exception as error:
            raise UserError(
                self.env._(
                    "The mail could not be processed: %(error)s Write the complaint "
                    "down by hand, and discard the mail.",
                    error=error,
                )
            ) from error
        if not gate.case:
            raise UserError(
                self.env._("The mail could not be processed. Try it again later.")
            )
        gate.case._message_log(
            body=self.env._(
                "%(user)s let in a mail of %(sender)s that had been held: %(reason)s",
                user=self.env.user.name,
                sender=self.email_from or self.env._("an unknown sender"),
                reason=dict(self._fields["kind"]._description_selection(self.env))[
                    self.kind
                ],
            )
        )
        self._solve(gate.case, by=self.env.user)
        return gate.case

    # Tidying up -----------------------------------------------------------------------

    @api.autovacuum
    def _gc_mails(self):
        """Filed mail goes after a while, and the copy of what stands in a complaint."""
        old = fields.Datetime.subtract(fields.Datetime.now(), days=KEEP_DAYS)
        self.search(
            [("state", "=", "filed"), ("create_date", "<", old)], limit=1000
        ).unlink()
        solved = self._search([("state", "=", "solved"), ("decided_at", "<", old)])
        self.env["ir.attachment"].search(
            [
                ("res_model", "=", self._name),
                ("res_field", "=", "mail_file"),
                ("res_id", "in", solved),
            ],
            limit=1000,
        ).unlink()
