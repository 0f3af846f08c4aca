from odoo import api, fields, models
from odoo.exceptions import UserError

from ..constants import OUTCOMES

#: How an answer reaches the customer; it is on the page of the complaint as well.
CHANNELS = [
    ("mail", "By mail"),
    ("letter", "By letter"),
    ("person", "By telephone or in person"),
]
DELIVERIES = [
    ("to_post", "To be posted"),
    ("posted", "Posted"),
    ("underway", "On its way"),
    ("delivered", "Handed to the mail server"),
    ("failed", "Not delivered"),
]
TO_POST = "complaint_management.mail_activity_type_letter"
#: What Odoo says of a mail that did not arrive.
FAILED = ("bounce", "canceled", "exception")


class ComplaintAnswer(models.Model):
    """An answer as it was given, one for each round: kept, never edited (D4, E4).

    The case holds the answer of the present round. When the customer objects, a new
    one is written; this is where the earlier one stays readable for both sides.
    """

    _name = "complaint.answer"
    _inherit = ["complaint.append.only.mixin"]
    _description = "Answer Given to a Complaint"
    _order = "case_id, round"
    _rec_name = "round"

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    round = fields.Integer(required=True, readonly=True)
    answered_at = fields.Datetime(string="Answered on", readonly=True)
    user_id = fields.Many2one(comodel_name="res.users", string="Done by", readonly=True)
    outcome = fields.Selection(selection=OUTCOMES, readonly=True)
    body = fields.Html(
        string="Answer", required=True, readonly=True, sanitize_attributes=True
    )
    findings = fields.Text(readonly=True, help="What was found on each allegation.")

    channel = fields.Selection(
        selection=CHANNELS, string="How it was given", readonly=True
    )
    delivery_note = fields.Char(string="How it was handed over", readonly=True)
    approved_by_id = fields.Many2one(
        comodel_name="res.users", string="Approved by", readonly=True
    )
    message_id = fields.Many2one(
        comodel_name="mail.message",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="What was sent, with the letter.",
    )
    # Not stored: mail servers tell of it at any time.
    delivery = fields.Selection(
        selection=DELIVERIES,
        string="Whether it arrived",
        compute="_compute_delivery",
        compute_sudo=True,
        help="Of mails: what the mail server said. Of letters: whether they were "
        "posted.",
    )
    failure = fields.Char(
        string="Why it was not delivered",
        compute="_compute_delivery",
        compute_sudo=True,
    )

    _once_a_round = models.UniqueIndex("(case_id, round)")

    @api.depends("message_id.notification_ids.notification_status")
    def _compute_delivery(self):
        for answer in self:
            sent = answer.message_id.notification_ids.filtered(
                # Colleagues who follow the complaint get it, too.
                lambda row: (
                    row.notification_type == "email"
                    and row.res_partner_id.partner_share
                )
            )
            states = set(sent.mapped("notification_status"))
            if answer.channel == "letter":
                answer.delivery = "to_post" if answer._waits_for_post() else "posted"
            elif answer.channel != "mail" or not states:
                answer.delivery = False
            elif states & set(FAILED):
                answer.delivery = "failed"
            else:
                answer.delivery = "delivered" if states == {"sent"} else "underway"
            failed = sent.filtered(lambda row: row.notification_status in FAILED)[:1]
            answer.failure = bool(failed) and failed.format_failure_reason()

    def _waits_for_post(self):
        """Whether somebody still has to post the letter; as the system."""
        case = self.case_id
        return self.round == case.round and bool(case.activity_search([TO_POST]))

    def _may_change(self, vals):
        """Which message it went with is known once it went; then it stays."""
        return self.env.su and set(vals) == {"message_id"} and not self.message_id

    def _refuse_change(self):
        raise UserError(
            self.env._("An answer that was given is a record and cannot be changed.")
        )
