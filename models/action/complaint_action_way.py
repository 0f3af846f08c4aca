from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .complaint_action import OPEN, SUPERVISOR

TO_DO = "complaint_management.mail_activity_type_action"


class ComplaintAction(models.Model):
    """The way of a corrective action: put in hand, reported as done, accepted by
    somebody else (E3). Every step is an entry of its history, with who and why."""

    _inherit = "complaint.action"

    done_at = fields.Datetime(string="Reported as done on", readonly=True, copy=False)
    done_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Reported by",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    accepted_at = fields.Datetime(
        string="Accepted as done on", readonly=True, copy=False
    )
    accepted_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Accepted by",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    # Buttons --------------------------------------------------------------------------

    def action_start(self):
        """Put it in hand: the owner is told, and the time limit runs.

        :raise UserError: naming what the plan lacks
        """
        self.check_access("write")
        for one in self:
            one._check_state("draft")
            one._check_planned()
            values = {"state": "underway", "started_at": fields.Datetime.now()}
            if not one.acceptor_id:
                values["acceptor_id"] = one._default_acceptor().id
            one._set(**values)
            one._note("started", one.target)
            one._start_clock()
            one._tell_owner()
            one._tell_case(
                self.env._("Corrective action in hand: %(measure)s", measure=one.name)
            )
        return True

    def action_decide(self):
        """Open the dialogue of a step; which one is in the context."""
        self.ensure_one()
        operation = self.env.context.get("operation")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "complaint_management.complaint_action_wizard_action"
        )
        names = dict(
            self.env["complaint.action.wizard"]
            ._fields["operation"]
            ._description_selection(self.env)
        )
        return action | {
            "name": names.get(operation, action["name"]),
            "context": {
                "default_action_id": self.id,
                "default_operation": operation,
            },
        }

    # What the dialogue carries out ----------------------------------------------------

    def _operations(self):
        """{operation: method(text, day, files, progress)}; see the wizard."""
        return {
            "progress": self._note_progress,
            "done": self._report_done,
            "accept": self._accept,
            "reject": self._reject,
            "postpone": self._postpone,
            "cancel": self._cancel,
        }

    def _note_progress(self, text, files=None, progress=0, **_rest):
        self._check_may_work()
        self._check_state("underway")
        if not 0 <= progress <= 100:
            raise UserError(self.env._("Progress lies between 0 and 100 percent."))
        self._set(progress=progress)
        self._note("progress", text, files)

    def _report_done(self, text, files=None, **_rest):
        """The owner is done: somebody else looks at it, and the limit is reached."""
        self._check_may_work()
        self._check_state("underway")
        now = fields.Datetime.now()
        self._set(state="done", done_at=now, done_by_id=self.env.uid, progress=100)
        self._note("done", text, files)
        self._reach_clock(now)
        self._end_to_dos()
        self._tell_acceptor()

    def _accept(self, text, files=None, **_rest):
        """What was agreed is there, by the criteria.

        :raise UserError: for the owner and who reported it
        """
        self._check_state("done")
        obstacle = self._acceptance_obstacle()
        if obstacle:
            raise UserError(obstacle)
        self._set(
            state="accepted",
            accepted_at=fields.Datetime.now(),
            accepted_by_id=self.env.uid,
        )
        self._note("accepted", text, files)
        self._end_to_dos()
        self._plan_check()
        self._tell_case(
            self.env._("Corrective action accepted: %(measure)s", measure=self.name)
        )

    def _reject(self, text, day=None, files=None, **_rest):
        """It is not what was agreed: the owner goes on, until another day."""
        self._check_state("done")
        obstacle = self._acceptance_obstacle()
        if obstacle:
            raise UserError(obstacle)
        self._set(
            state="underway",
            deadline=day or self.deadline,
            done_at=False,
            done_by_id=False,
        )
        self._check_day()
        self._note("rejected", text, files)
        self._end_to_dos()
        self._start_clock()
        self._tell_owner(text)

    def _postpone(self, text, day=None, **_rest):
        """Another day; supervisors and managers only, on record with the reason."""
        self._check_supervisor()
        self._check_state("underway")
        if not day or day <= self.deadline:
            raise UserError(
                self.env._("Choose a later day than the one that holds now.")
            )
        self._set(deadline=day)
        self._check_day()
        self._note("postponed", text)
        self._move_clock(text)
        self._end_to_dos()
        self._tell_owner(text)

    def _cancel(self, text, **_rest):
        self.check_access("write")
        self._check_state(*OPEN)
        if self.state != "draft":
            self._check_supervisor()
        self._set(state="cancelled")
        self._note("cancelled", text)
        self._cancel_clock()
        self._end_to_dos()
        self._tell_case(
            self.env._("Corrective action cancelled: %(measure)s", measure=self.name)
        )

    # Checks ---------------------------------------------------------------------------

    def _check_planned(self):
        """:raise UserError: naming what is missing before it can be put in hand"""
        missing = [
            label
            for name, label in (
                ("user_id", self.env._("the owner")),
                ("deadline", self.env._("the day by which it is done")),
                ("target", self.env._("a measurable target")),
                ("criteria", self.env._("the acceptance criteria")),
            )
            if not self[name]
        ]
        if missing:
            raise UserError(
                self.env._(
                    "“%(measure)s” cannot be put in hand. Please enter: %(missing)s.",
                    measure=self.name,
                    missing=", ".join(missing),
                )
            )
        self._check_day()

    def _check_day(self):
        today = fields.Date.context_today(self)
        if self.deadline < today:
            raise UserError(
                self.env._(
                    "The day by which “%(measure)s” is done is past. Choose another "
                    "one.",
                    measure=self.name,
                )
            )

    def _check_state(self, *states):
        """Take the action for oneself and make sure that it is still where it was.

        :raise UserError: when somebody else is at it, or it went on meanwhile
        """
        self.ensure_one()
        # sudo: the owner writes nothing by hand, and takes steps.
        if not self.sudo().try_lock_for_update(allow_referencing=True):
            raise UserError(
                self.env._("Somebody is at work on this measure. Reload the page.")
            )
        self.invalidate_recordset(["state"])
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "“%(measure)s” is “%(state)s” by now. Reload the page.",
                    measure=self.name,
                    state=labels[self.state],
                )
            )

    def _check_may_work(self):
        """The owner, or who works on the complaint."""
        self.check_access("read")
        if not self.is_mine and not self.has_access("write"):
            raise AccessError(
                self.env._("Only the owner and the complaint department report on it.")
            )

    def _check_supervisor(self):
        self.check_access("write")
        if not self.env.user.has_group(SUPERVISOR):
            raise AccessError(
                self.env._(
                    "“%(measure)s” is in hand: supervisors and managers decide this.",
                    measure=self.name,
                )
            )

    def _acceptance_obstacle(self):
        """Why the user may not accept it; empty when they may."""
        self.ensure_one()
        user = self.env.user
        if user in (self.user_id | self.done_by_id):
            return self.env._(
                "You carried out “%(measure)s”: somebody else accepts it.",
                measure=self.name,
            )
        if user == self.acceptor_id:
            return ""
        if not (user.has_group(SUPERVISOR) and self.has_access("write")):
            return self.env._(
                "%(person)s accepts “%(measure)s”, or a supervisor.",
                # sudo: a name only.
                person=self.sudo().acceptor_id.name or self.env._("Nobody"),
                measure=self.name,
            )
        return ""

    def _default_acceptor(self):
        """Who accepts it where nobody was named."""
        person = self._supervisor_who(lambda person: person != self.user_id)
        if not person:
            raise UserError(
                self.env._(
                    "Name who accepts “%(measure)s”: there is no supervisor beside the "
                    "owner who sees the complaint.",
                    measure=self.name,
                )
            )
        return person

    # Writing and telling --------------------------------------------------------------

    def _set(self, **values):
        # sudo: the way is written by the methods only, by nobody's hand.
        self.sudo().write(values)

    def _tell_case(self, body):
        # sudo: the owner sees nothing of the complaint, which still tells the story.
        self.sudo().case_id._message_log(body=body)

    def _to_do(self, person, summary, day=None, note=None):
        if person:
            # sudo: to-dos of others.
            self.sudo().activity_schedule(
                TO_DO,
                date_deadline=day or fields.Date.context_today(self),
                summary=summary,
                note=note,
                user_id=person.id,
            )

    def _tell_owner(self, note=None):
        self.ensure_one()
        self._end_to_dos()
        self._to_do(
            self.user_id,
            self.env._("Carry out: %(measure)s", measure=self.name),
            self.deadline,
            note,
        )

    def _tell_acceptor(self):
        self._to_do(
            self.acceptor_id,
            self.env._("Accept or refuse: %(measure)s", measure=self.name),
        )

    def _end_to_dos(self):
        self.sudo().activity_unlink([TO_DO])  # sudo: to-dos of others.
