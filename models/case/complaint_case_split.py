from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

#: What the customer said is the same in both.
COPIED = (
    "company_id",
    "partner_id",
    "partner_name",
    "email_from",
    "phone",
    "customer_type",
    "source",
    "is_on_behalf",
    "channel_id",
    "order_id",
    "product_id",
    "date_occurred",
    "category_id",
    "team_id",
    "user_id",
    "is_confidential",
)
#: What was done for the customer once is not done again for what is split off.
STILL_REACHED = ("accepted", "assessed", "first_reply")


class ComplaintCase(models.Model):
    """Splitting off what is another matter, or was merged by mistake (A7)."""

    _inherit = "complaint.case"

    split_from_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Split off from (stored)",
        index="btree_not_null",
        copy=False,
        readonly=True,
        ondelete="restrict",
        # Names a complaint that not everybody may see who sees this one.
        groups=fields.NO_ACCESS,
    )
    split_source_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Split off from",
        compute="_compute_split_source_id",
        groups="base.group_user",
        help="The complaint that this one was part of, if you may see it.",
    )

    @api.depends("split_from_id")
    @api.depends_context("uid")
    def _compute_split_source_id(self):
        for case in self:
            # sudo: the pointer is hidden; what it points to is shown by rights.
            origin = case.sudo().split_from_id
            origin = case.browse(origin.ids)
            case.split_source_id = origin and origin._filtered_access("read")

    def _split_off(self, values, allegations, messages, tell=True):
        """Take allegations and messages out into a new complaint of the same customer.

        Its time limits count from its own date received.

        :param dict values: of the new case, such as subject and date_received
        :param allegations: complaint.allegation of this case
        :param messages: mail.message of this case, which take their files along
        :param bool tell: whether the customer gets an acknowledgement with the number
        :return: the new case
        :raise UserError: when nothing is taken, or what is taken is on record
        """
        self.ensure_one()
        self.check_access("write")
        self._split_check(allegations, messages)
        [copied] = self.read(COPIED, load=None)
        copied.pop("id")
        new = self.with_context(mail_create_nosubscribe=True).create(
            [
                {
                    **copied,
                    "confidential_user_ids": self.confidential_user_ids.ids,
                    **values,
                }
            ]
        )
        # sudo: nobody writes the pointer by hand.
        new.sudo().split_from_id = self
        # Whoever splits says that they are about different things.
        new._mark_distinct(self)
        self._split_stand(new)
        # sudo: messages and files of others, which move as they are.
        files = messages.sudo().attachment_ids.filtered(
            lambda file: file.res_model == self._name and file.res_id == self.id
        )
        messages.sudo().write({"res_id": new.id})
        files.write({"res_id": new.id})
        self._split_move_lines(new, allegations)
        self._split_follow(new)
        self._split_log(new, allegations, messages)
        if tell:
            new._acknowledge()
        return new

    def _split_stand(self, new):
        """What was reached with the complaint counts for what is split off it: nobody
        accepts, assesses or greets the same customer a second time."""
        for milestone in STILL_REACHED:
            reached_at = self[f"{milestone}_at"]
            if reached_at:
                new._stamp([milestone], at=max(reached_at, new.date_received))
        if self.phase != "received" and new.user_id:
            new._move_to("accepted")

    def _split_check(self, allegations, messages):
        if not allegations and not messages:
            raise UserError(
                self.env._("Choose the allegations or messages that are split off.")
            )
        if self._is_merged():
            raise UserError(
                self.env._(
                    "%(complaint)s was merged into %(target)s: split that one.",
                    complaint=self.display_name,
                    # sudo: the number only.
                    target=self._merge_target().sudo().name,
                )
            )
        if allegations.case_id - self or any(
            message.model != self._name or message.res_id != self.id
            for message in messages
        ):
            raise UserError(
                self.env._("Something chosen is no longer here. Reload the page.")
            )
        ended = self.closed_at or self.answered_at
        if self.phase in ("answered", "closed") and any(
            message.date <= ended for message in messages
        ):
            raise UserError(
                self.env._(
                    "%(complaint)s is answered: what was said until then is on record. "
                    "Choose later messages only, or reopen it.",
                    complaint=self.display_name,
                )
            )

    def _split_move_lines(self, new, allegations):
        """Move the records that were chosen. Concerns that add some extend it."""
        allegations.write({"case_id": new.id})

    def _split_follow(self, new):
        # sudo: followers whom the user may not read.
        for follower in self.sudo().message_follower_ids:
            new.sudo().message_subscribe(
                follower.partner_id.ids, follower.subtype_ids.ids
            )

    def _split_log(self, new, allegations, messages):
        taken = Markup("").join(
            Markup("<li>%s</li>") % text
            for text in [
                *allegations.mapped("summary"),
                self.env._("Messages: %(number)s", number=len(messages)),
            ]
        )
        for case, text in (
            (self, self.env._("Split off as %(complaint)s:", complaint=new.name)),
            (new, self.env._("Split off from %(complaint)s:", complaint=self.name)),
        ):
            case._message_log(body=Markup("%s<ul>%s</ul>") % (text, taken))

    def action_split(self):
        """Open the dialogue that splits something off."""
        self.ensure_one()
        self.check_access("write")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_split_wizard_action"
        )
        return action | {
            "context": {
                "default_case_id": self.id,
                "default_date_received": fields.Datetime.to_string(self.date_received),
            }
        }
