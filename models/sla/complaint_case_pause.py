from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .complaint_sla_clock import OF_CASES


class ComplaintCase(models.Model):
    """A complaint that waits: for the customer, a supplier, an appointment (C4).

    Waiting is not a stage: the case stays where it is, and :meth:`_pause` and
    :meth:`_resume` write down who stopped and who went on, when and why. Whether the
    time limits wait too is a matter of the reason.
    """

    _inherit = "complaint.case"

    pause_ids = fields.One2many(
        comodel_name="complaint.pause",
        inverse_name="case_id",
        string="Pauses",
        readonly=True,
        groups="base.group_user",
    )
    pause_id = fields.Many2one(
        comodel_name="complaint.pause",
        string="Waiting",
        compute="_compute_pause_id",
        store=True,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
        help="What the complaint waits for now.",
    )
    is_paused = fields.Boolean(
        string="Paused",
        compute="_compute_is_paused",
        search="_search_is_paused",
        groups="base.group_user",
    )
    pause_reason_id = fields.Many2one(
        related="pause_id.reason_id", string="Waits for", groups="base.group_user"
    )
    pause_stops_clock = fields.Boolean(
        related="pause_id.stops_clock", groups="base.group_user"
    )
    pause_since = fields.Datetime(
        related="pause_id.started_at", groups="base.group_user"
    )
    pause_until = fields.Datetime(related="pause_id.until", groups="base.group_user")
    pause_note = fields.Text(related="pause_id.note", groups="base.group_user")

    @api.depends("pause_ids.ended_at")
    def _compute_pause_id(self):
        for case in self:
            case.pause_id = case.pause_ids.filtered(lambda pause: not pause.ended_at)[
                :1
            ]

    @api.depends("pause_id")
    def _compute_is_paused(self):
        for case in self:
            case.is_paused = bool(case.pause_id)

    @api.model
    def _search_is_paused(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        wanted = {bool(item) for item in value}
        if len(wanted) != 1:
            return Domain(len(wanted) == (2 if operator == "in" else 0))
        is_wanted = (True in wanted) == (operator == "in")
        return Domain("pause_id", "!=" if is_wanted else "=", False)

    # Stopping and going on --------------------------------------------------------

    def _pause(self, reason, note=None, until=None):
        """Let complaints wait; those that wait already do so for another reason now.

        Costs a fixed number of queries, however many cases there are.

        :param reason: complaint.pause.reason
        :param str note: what exactly is waited for
        :param datetime until: UTC; when they go on by themselves
        :raise UserError: when a case is answered, or the end is not ahead
        """
        now = fields.Datetime.now()
        self._check_can_wait()
        if until and until <= now:
            raise UserError(
                self.env._("The end of the pause must lie ahead. Choose a later time.")
            )
        self._resume(note=self.env._("It waits for something else now."))
        by_staff = not self.env.user.share and not self.env.is_superuser()
        # sudo: pauses and clocks are written by the system only, by nobody's hand.
        cases = self.sudo()
        model = self.env["complaint.pause"].sudo()
        # The database allows one open pause of a case: it must know of the ended one.
        model.flush_model(["ended_at"])
        pauses = model.create(
            [
                {
                    "case_id": case.id,
                    "reason_id": reason.id,
                    "stops_clock": reason.stops_clock,
                    "note": note,
                    "started_at": now,
                    "user_id": self.env.uid if by_staff else False,
                    "until": until,
                    "next_event_at": until,
                }
                for case in cases
            ]
        )
        if reason.stops_clock:
            news = cases._clocks_in("running")._pause(
                {pause.case_id: pause for pause in pauses}
            )
            news.case_id._clocks_alert()
            cases._clocks_alert(raise_new=False)
        self._log_reason(
            self.env._("Paused (%(reason)s)", reason=reason.name), note or ""
        )

    def _check_can_wait(self):
        over = self.filtered(lambda case: case.phase in ("answered", "closed"))
        if over:
            raise UserError(
                self.env._(
                    "%(complaint)s is answered: there is nothing to pause.",
                    complaint=over[0].display_name,
                )
            )

    def _resume(self, note=None, at=None):
        """Complaints that wait go on; the others are left alone.

        Costs a fixed number of queries. A pause with a planned end ended then, even
        when that is noticed later.

        :param str note: why it goes on
        :param datetime at: UTC; now by default
        :return: the cases that waited
        """
        # sudo: see _pause; also the customer's message ends a pause.
        waiting = self.sudo().filtered("pause_id")
        if not waiting:
            return self.browse()
        at = at or fields.Datetime.now()
        by_staff = not self.env.user.share and not self.env.is_superuser()
        pauses = {case: case.pause_id for case in waiting}
        for end, ended in waiting.pause_id.grouped(
            lambda pause: pause._end(at)
        ).items():
            ended.write(
                {
                    "ended_at": end,
                    "ended_by_id": self.env.uid if by_staff else False,
                    "end_note": note,
                    "next_event_at": False,
                }
            )
        waiting._clocks_in("paused")._resume(pauses)
        waiting._clocks_alert(raise_new=False)
        waiting._log_reason(self.env._("Resumed"), note or "")
        return self.browse(waiting.ids)

    def _clocks_in(self, state):
        """Clocks of the cases in a state, with one query."""
        return self.env["complaint.sla.clock"].search(
            [("case_id", "in", self.ids), ("state", "=", state), *OF_CASES]
        )

    def _resume_on_reply(self):
        """The customer wrote: a pause that waited for that is over (C4)."""
        waiting = self.filtered("pause_id.reason_id.ends_on_customer_message")
        waiting._resume(note=self.env._("The customer wrote."))
        if waiting:
            waiting._alert_handler(
                self.env._("The customer replied: the complaint goes on.")
            )

    def _alert_wait_over(self):
        """Tell the handlers that what they planned to wait for is due (C4)."""
        self._alert_handler(
            self.env._("The planned end of the wait has come: the complaint goes on.")
        )

    # Buttons ----------------------------------------------------------------------

    def action_pause(self):
        """Open the dialogue that asks why a complaint waits."""
        self.check_access("write")
        self._check_can_wait()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_pause_wizard_action"
        )
        return action | {"context": {"default_case_ids": self.ids}}

    def action_resume(self):
        """What was waited for is there: go on."""
        self.check_access("write")
        self._resume()
        return True

    # For the customer -------------------------------------------------------------

    def _pause_for_customer(self):
        """What the customer is told about a complaint that waits (I1, field 13).

        Plain values only; templates may show them.

        :return: dict with text (what is waited for, such as “your reply”; may be
            empty), since and until (UTC or False); None when the case does not wait or
            its limits run on
        """
        self.ensure_one()
        # sudo: customers cannot read pauses; the caller checked whose case it is.
        pause = self.sudo().pause_id
        if not pause.stops_clock:
            return None
        return {
            "text": pause.reason_id.customer_text or "",
            "since": pause.started_at,
            "until": pause.until,
        }
