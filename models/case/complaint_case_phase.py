from odoo import fields, models
from odoo.exceptions import UserError

from ..constants import PHASE_MILESTONES, PHASE_ORDER
from .complaint_case_dialogue import CUSTOMER_TO_DO


class ComplaintCase(models.Model):
    """The one door: every change of phase passes :meth:`_enter_phases`.

    Buttons, a card dragged on the board, the customer's portal and the scheduled
    action all write ``stage_id``; the door then checks what the phase demands,
    stamps the milestones and does what belongs to the phase (E5).
    """

    _inherit = "complaint.case"

    # The door -----------------------------------------------------------------

    def _move_to(self, phase, **values):
        """Move cases to the first stage of a phase, writing values along with it.

        :raise UserError: when the phase demands what a case does not have
        """
        stage = self.env["complaint.stage"]._by_phase()[phase]
        return self.write({**values, "stage_id": stage.id})

    def _enter_phases(self, before):
        """Carry out a change of phase that was just written.

        :param dict before: the phase that each case comes from
        """
        moved = self.filtered(lambda case: case.phase != before[case])
        for phase, cases in moved.grouped("phase").items():
            cases._take_ownership(phase)
            cases._check_phase_demands(phase)
            cases.filtered(
                lambda case, rank=PHASE_ORDER[phase]: (
                    PHASE_ORDER[before[case]] >= PHASE_ORDER["answered"]
                    and rank < PHASE_ORDER[before[case]]
                )
            )._open_round()
            if PHASE_ORDER[phase] >= PHASE_ORDER["answered"]:
                # Nothing is waited for any more: no limit runs on, none is lost (C4).
                cases._resume()
            cases._stamp(PHASE_MILESTONES[phase])
            getattr(cases, f"_on_{phase}", lambda: None)()

    def _enter_history(self):
        """Take over a case as it stood: no demand, no stamp, no message."""
        self._clocks_reach(self.milestone_ids)
        self.filtered(lambda case: case.phase == "closed")._clocks_cancel()
        self._clocks_history()

    def _take_ownership(self, phase):
        """First-contact responsibility (A5): who takes up a case owns it."""
        if phase not in ("received", "closed") and self.env.user.has_group(
            "complaint_management.group_handler"
        ):
            self.filtered(lambda case: not case.user_id).user_id = self.env.user

    def _stamp(self, milestones, at=None):
        """Record that milestones were reached; each counts once in a round.

        :param milestones: names, in the order in which they are passed
        :param at: when (UTC); now by default
        :return: the newly created complaint.milestone rows
        """
        reached_at = at or fields.Datetime.now()
        by_staff = not self.env.user.share and not self.env.is_superuser()
        rows = [
            {
                "case_id": case.id,
                "round": case.round,
                "milestone": milestone,
                "reached_at": reached_at,
                "user_id": self.env.uid if by_staff else False,
            }
            for case in self
            for milestone in milestones
            if not case[f"{milestone}_at"]
        ]
        # sudo: milestones are written by the door only, by nobody's hand.
        stamped = self.env["complaint.milestone"].sudo().create(rows)
        if stamped:
            self._clocks_reach(stamped)
        return stamped

    def _open_round(self):
        """Reopen: limits start anew, the earlier round stays readable (C1)."""
        if not self:
            return
        self._clocks_cancel()
        self._feedback_cancel()
        for round_number, cases in self.grouped("round").items():
            cases.write(
                {
                    "round": round_number + 1,
                    "reopened_at": fields.Datetime.now(),
                    "outcome": False,
                    "next_event_at": False,
                }
            )
        self._clocks_start()

    # What belongs to a phase --------------------------------------------------

    def _on_answered(self):
        # What the customer said was said of the answer before.
        self.write({"customer_verdict": False})
        # sudo: to-dos of others.
        self.sudo().activity_unlink([CUSTOMER_TO_DO])
        self._send_answer()
        self._plan_silence()

    def _on_closed(self):
        self._clocks_cancel()
        self.write({"next_event_at": False})
        self.activity_unlink(["complaint_management.mail_activity_type_deadline"])
        self._feedback_plan()

    # Closing after silence ----------------------------------------------------

    def _plan_silence(self):
        """Set when silence closes an answered case: at the end of the customer's day
        that lies so long after the last message (E4)."""
        for company, cases in self.grouped("company_id").items():
            # sudo: a setting of the company.
            days = company.sudo().complaint_autoclose_days
            for case in cases:
                last = max(filter(None, [case.answered_at, case.last_dialogue_at]))
                case.next_event_at = days and case._letter_day_end(last, days)

    def _process_event(self, now):
        """The customer kept silent (E4): the answer stands, without agreement."""
        self.ensure_one()
        if self.phase != "answered":
            self.next_event_at = False
            return
        self._message_log(
            body=self.env._("Closed: the customer did not react to the answer in time.")
        )
        self._move_to("closed", outcome=self.outcome or "answered_without_agreement")

    # Buttons: all check the rights of whoever presses them --------------------

    def action_accept(self):
        """Take the complaint up; whoever presses it owns it if nobody does."""
        return self._action_move("accepted")

    def action_investigate(self):
        """The complaint is assessed: start to find out the facts."""
        return self._action_move("investigating")

    def action_resolve(self):
        """The facts are known: decide what the customer gets."""
        return self._action_move("resolving")

    def action_mark_resolved(self):
        """What was decided is carried out; the answer is still to be sent."""
        self.check_access("write")
        for case in self:
            if case.phase != "resolving":
                raise UserError(
                    self.env._(
                        "%(complaint)s: a resolution has to be found first.",
                        complaint=case.display_name,
                    )
                )
        self._stamp(["resolved"])
        return True

    def action_answer(self):
        """Send the answer to the customer."""
        return self._action_move("answered")

    def action_close(self):
        """Close and archive the complaint."""
        return self._action_move("closed")

    def _action_move(self, phase):
        """Move forward; whoever is there or beyond already stays where it is.

        So a button is safe on many complaints at once, and on a page that was left
        open while somebody else went on.
        """
        self.check_access("write")
        self.filtered(
            lambda case: PHASE_ORDER[case.phase] < PHASE_ORDER[phase]
        )._move_to(phase)
        return True

    def action_ask_reason(self):
        """Open the dialogue that asks why; the context names what for."""
        self.check_access("write")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_reason_wizard_action"
        )
        return action | {
            "context": {
                "default_case_ids": self.ids,
                "default_operation": self.env.context.get("operation"),
            }
        }

    # Decisions that need a reason ---------------------------------------------

    def _refuse(self, reason):
        """Answer that the complaint is not admitted, and why (A3)."""
        self._move_to("answered", outcome="refused", answer=reason)

    def _withdraw(self, reason):
        """Close because the complainant took the complaint back."""
        self._log_reason(self.env._("Withdrawn"), reason)
        self._move_to("closed", outcome="withdrawn")

    def _reopen(self, reason):
        """Look at an answered or closed complaint again."""
        if self.filtered(lambda case: case.phase not in ("answered", "closed")):
            raise UserError(
                self.env._("Only answered or closed complaints can be reopened.")
            )
        self._log_reason(self.env._("Reopened"), reason)
        # What the customer said was said of the answer before.
        self._move_to("investigating", customer_verdict=False)

    def _reason_operations(self):
        """What the reason dialogue can do, by name."""
        return {
            "refuse": self._refuse,
            "withdraw": self._withdraw,
            "reopen": self._reopen,
        }
