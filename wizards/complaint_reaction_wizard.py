from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.case.complaint_case_reaction import REACTIONS
from ..tools.mail_quotes import own_words


class ComplaintReactionWizard(models.TransientModel):
    """Records what a message of the customer says of the answer (D4).

    What counts is when the customer wrote, not when staff read it.
    """

    _name = "complaint.reaction.wizard"
    _description = "Record the Customer's Reaction"

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    message_id = fields.Many2one(
        comodel_name="mail.message",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    author_name = fields.Char(string="Written by", compute="_compute_from_message")
    said_at = fields.Datetime(
        string="Written on",
        compute="_compute_from_message",
        help="The date of the message, which counts for every limit. That of a mail is "
        "stated by its sender.",
    )
    came_at = fields.Datetime(string="Taken in on", compute="_compute_from_message")
    possible = fields.Char(
        compute="_compute_possible", help="Names of the reactions that are offered."
    )
    review_hint = fields.Char(compute="_compute_possible")
    reaction = fields.Selection(
        selection=REACTIONS, string="The customer", required=True
    )
    # Not computed as the system, see also _check_rights: whoever may not read the
    # message gets no words of it.
    words = fields.Text(
        string="In the customer's words",
        compute="_compute_words",
        compute_sudo=False,
        store=True,
        readonly=False,
    )

    @api.depends("case_id", "message_id")
    def _compute_from_message(self):
        for wizard in self:
            message = wizard.message_id
            message.check_access("read")
            # sudo: the name of who wrote a message that the user may read.
            wizard.author_name = message.sudo().author_id.name or message.email_from
            wizard.said_at = message and wizard.case_id._said_at(message)
            wizard.came_at = message.create_date

    @api.depends("case_id", "message_id")
    def _compute_possible(self):
        for wizard in self:
            at = wizard.said_at
            names = wizard.case_id._reactions_possible(at) if at else []
            wizard.possible = ",".join(names)
            wizard.review_hint = at and wizard.case_id._review_hint(at)

    @api.depends("message_id")
    def _compute_words(self):
        for wizard in self:
            wizard.words = own_words(wizard.message_id.body)

    @api.constrains("case_id", "message_id")
    def _check_rights(self):
        """Before the words of the message are kept here."""
        # Odoo checks constraints as the system.
        wizards = self.sudo(False)
        wizards.case_id.check_access("write")
        wizards.message_id.check_access("read")

    def action_confirm(self):
        """Record the reaction.

        :raise UserError: when it is not possible any more
        """
        self.ensure_one()
        self.case_id.check_access("write")
        if self.reaction not in self.case_id._reactions_in(self.message_id):
            raise UserError(
                self.env._(
                    "This cannot be recorded from the message any more. Close the "
                    "dialogue and try again."
                )
            )
        self.case_id._record_reaction(self.reaction, self.words, self.message_id)
        return {"type": "ir.actions.act_window_close", "infos": {"recorded": True}}
