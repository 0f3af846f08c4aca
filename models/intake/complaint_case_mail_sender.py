from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import email_normalize_all


class ComplaintCase(models.Model):
    """Who may write into a complaint by mail, and how much."""

    _inherit = "complaint.case"

    def _mail_belongs(self, address):
        """Whether somebody may add to the complaint by mail.

        The complainant, followers, the complaint contacts of the company, staff who
        see the complaint, whoever staff wrote to about it, and whose mail staff added.

        :param str address: in lower case
        """
        self.ensure_one()
        # sudo: addresses of people whom the reader may not see.
        case = self.sudo()
        return (
            address in case._mail_own_addresses()
            or case._mail_is_staff(address)
            or case._mail_was_written_to(address)
            or case._mail_was_let_in(address)
        )

    def _mail_own_addresses(self):
        people = self.partner_id | self.message_partner_ids
        if not self.is_confidential and self.commercial_partner_id:
            people |= self.env["res.partner"].search(
                [
                    ("commercial_partner_id", "=", self.commercial_partner_id.id),
                    ("is_complaint_contact", "=", True),
                ]
            )
        return {self.email_normalized, *people.mapped("email_normalized")} - {False}

    def _mail_is_staff(self, address):
        """Whether it is the address of a colleague who sees the complaint."""
        return any(self._seen_by(user) for user in self._mail_users(address))

    @api.model
    def _mail_users(self, address):
        return self.env["res.users"].search(
            [("partner_id.email_normalized", "=", address), ("share", "=", False)]
        )

    def _mail_was_written_to(self, address):
        """Whether staff or the system sent a message of the complaint there, as
        recipient or in copy."""
        messages = self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                "|",
                ("author_id.partner_share", "=", False),
                ("message_type", "=", "auto_comment"),
                "|",
                "|",
                "|",
                ("partner_ids.email_normalized", "=", address),
                ("outgoing_email_to", "ilike", address),
                ("incoming_email_cc", "ilike", address),
                ("incoming_email_to", "ilike", address),
            ]
        )
        return any(
            address in message.partner_ids.mapped("email_normalized")
            or address
            in email_normalize_all(
                ",".join(
                    filter(
                        None,
                        [
                            message.outgoing_email_to,
                            message.incoming_email_cc,
                            message.incoming_email_to,
                        ],
                    )
                )
            )
            for message in messages
            if message.author_id or message.message_type == "auto_comment"
        )

    def _mail_was_let_in(self, address):
        """Whether staff added a mail from there to the complaint before."""
        return bool(
            self.env["complaint.intake.failure"].search_count(
                [
                    ("email_normalized", "=", address),
                    ("case_id", "=", self.id),
                    ("state", "=", "solved"),
                    ("decided_by_id", "!=", False),
                ],
                limit=1,
            )
        )

    # How much -----------------------------------------------------------------------

    @api.model
    def _mail_is_trusted(self, sketch):
        """Whether an administrator allowed the sender or the mailing list to write as
        much as it likes, and by machine (Odoo's list of allowed addresses)."""
        addresses = [*sketch.senders, *sketch.lists]
        # sudo: the list is the administrator's.
        return bool(
            self.env["mail.gateway.allowed"]
            .sudo()
            .search_count([("email_normalized", "in", addresses)], limit=1)
        )

    def _mail_is_flood(self, sketch):
        """Whether somebody wrote more within the hour than a person does.

        On one complaint when there is one, else in opening new ones. Colleagues, and
        whom an administrator trusts, are no flood.
        """
        address = sketch.sender
        # sudo: a setting of the company.
        most = (self.company_id or self.env.company).sudo().complaint_mail_hourly
        if not most or self._mail_count(address, most) < most:
            return False
        return not (self._mail_is_handler(address) or self._mail_is_trusted(sketch))

    def _mail_count(self, address, most):
        recent = fields.Datetime.now() - timedelta(hours=1)
        # sudo: how much somebody wrote does not depend on who reads it.
        if self:
            return (
                self.env["mail.message"]
                .sudo()
                .search_count(
                    [
                        ("model", "=", self._name),
                        ("res_id", "=", self.id),
                        ("message_type", "=", "email"),
                        ("create_date", ">=", recent),
                        ("email_from", "ilike", address),
                    ],
                    limit=most,
                )
            )
        return self.sudo().search_count(
            [
                ("email_normalized", "=", address),
                ("create_date", ">=", recent),
                ("channel_id.code", "=", "email"),
            ],
            limit=most,
        )

    @api.model
    def _mail_is_handler(self, address):
        return any(
            user.has_group("complaint_management.group_handler")
            for user in self._mail_users(address)
        )
