from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

TO_DO = "complaint_management.mail_activity_type_question"
#: Days that a colleague has, unless the question says otherwise.
DAYS = 3


class ComplaintQuestion(models.Model):
    """A question to another department; until it is answered nothing is concluded (D1).

    Whoever is asked sees the question and nothing else of the complaint.
    """

    _name = "complaint.question"
    # Of mail.thread for its to-dos, which want to tell people.
    _inherit = [
        "complaint.by.hand.mixin",
        "complaint.investigation.part",
        "complaint.due.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Question to a Colleague"
    _order = "deadline, id"
    _rec_name = "question"
    _given_once = frozenset({"investigation_id"})
    _by_hand = frozenset({"answer", "deadline", "question", "user_id"})

    question = fields.Text(required=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Asked of",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    asked_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Asked by",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    deadline = fields.Datetime(
        string="Answer by",
        required=True,
        index=True,
        default=lambda self: fields.Datetime.now() + timedelta(days=DAYS),
    )
    answer = fields.Text(string="Answer of the colleague")
    answered_at = fields.Datetime(string="Answered on", readonly=True)
    is_open = fields.Boolean(compute="_compute_is_open")
    number = fields.Char(
        string="Complaint number", compute="_compute_number", compute_sudo=True
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")

    @api.depends("answered_at")
    def _compute_is_open(self):
        for one in self:
            one.is_open = not one.answered_at

    @api.depends("investigation_id")
    def _compute_number(self):
        for one in self:
            one.number = one.investigation_id.case_id.name

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for one in self:
            one.is_mine = one.user_id == self.env.user

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("answer") for vals in vals_list):
            self._refuse_by_hand()
        # Whoever asks gives no answer, by a default in the context neither.
        asking = self._with_defaults((self._by_hand | self._given_once) - {"answer"})
        questions = super(ComplaintQuestion, asking).create(vals_list)
        questions = questions.with_env(self.env)
        for one in questions:
            # sudo: who is asked need not be able to see anything else.
            one.sudo().next_event_at = one.deadline
            one.activity_schedule(
                TO_DO,
                date_deadline=fields.Date.to_date(one.deadline),
                summary=self.env._("A question about a complaint"),
                user_id=one.user_id.id,
            )
        return questions

    def write(self, vals):
        if not self.env.su:
            self._check_written(set(vals))
        result = super().write(vals)
        if "deadline" in vals:
            for one in self.filtered("is_open"):
                one.sudo().next_event_at = one.deadline  # sudo: as above.
        return result

    def _check_written(self, names):
        if names - self._by_hand - self._given_once:
            self._refuse_by_hand()
        if self.filtered("answered_at") and names & {"question", "answer", "user_id"}:
            raise UserError(
                self.env._("This question was answered: it stays as it was.")
            )
        if names - {"answer"} and not self.investigation_id.has_access("write"):
            raise UserError(self.env._("Please write your answer and send it."))
        others = self.filtered(lambda one: not one.is_mine)[:1]
        if "answer" in names and others:
            raise UserError(
                self.env._("Only %(person)s answers this.", person=others.user_id.name)
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_answered(self):
        if self.filtered("answered_at"):
            raise UserError(
                self.env._("This question was answered: it stays as it was.")
            )

    def _refuse_by_hand(self):
        raise UserError(self.env._("Send the answer with the button."))

    def action_answer(self):
        """Send the answer to whoever asked.

        :raise UserError: without an answer, or when somebody else was asked
        """
        self.ensure_one()
        self.check_access("write")
        if not self.is_mine:
            raise UserError(
                self.env._("Only %(person)s answers this.", person=self.user_id.name)
            )
        if not (self.answer or "").strip():
            raise UserError(self.env._("Please write your answer first."))
        # sudo: written by this method only, by somebody who sees nothing else.
        one = self.sudo()
        one.write({"answered_at": fields.Datetime.now(), "next_event_at": False})
        one.activity_feedback([TO_DO])
        one._tell_asker(self.env._("A colleague answered your question."))
        return True

    def _tell_asker(self, summary):
        self.investigation_id.case_id.activity_schedule(
            TO_DO, summary=summary, note=self.question, user_id=self.asked_by_id.id
        )

    def _process_events(self, now):
        """The answer is late: whoever asked is told, once."""
        for one in self.filtered("is_open"):
            one._tell_asker(
                self.env._(
                    "%(person)s has not answered your question.",
                    person=one.user_id.name,
                )
            )
        self.write({"next_event_at": False})

    def _facts(self):
        self.ensure_one()
        return {
            "question": self.question,
            "asked_of": self.user_id.id,
            "answer": self.answer or "",
            "answered_at": self.answered_at or None,
        }
