from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

#: Longest subject kept from what a customer or a mail program sends.
SUBJECT_LENGTH = 200


class ComplaintCase(models.Model):
    """How complaints come in: one door for the customer (design rule 4)."""

    _inherit = "complaint.case"

    # The door -----------------------------------------------------------------

    @api.model
    def _intake(self, vals_list, channel):
        """Register complaints that come from outside, and acknowledge them (A1-A6).

        Finds the complainant by e-mail when none is given, classifies by the rules,
        recognises repeats, chooses team and handler, and queues the acknowledgement.

        :param list[dict] vals_list: values of complaint.case
        :param str channel: code of the complaint.channel they came through
        :return: the cases
        :raise UserError: when something the complaint needs is missing
        """
        channel_id = self.env["complaint.channel"].search([("code", "=", channel)]).id
        vals_list = [{"channel_id": channel_id, **vals} for vals in vals_list]
        for vals in vals_list:
            self._intake_subject(vals)
        self._intake_partners(vals_list)
        proposals = self._intake_classify(vals_list)
        # After the rules: a repeat that puts somebody in danger is a major complaint.
        repeats = self._intake_recognise(vals_list)
        self._intake_team(vals_list)
        cases = self.with_context(
            mail_create_nosubscribe=True, complaint_classified=True
        ).create(vals_list)
        cases._classified(proposals)
        cases._intake_repeats(repeats)
        cases._intake_route()
        cases._acknowledge()
        return cases

    @api.model
    def _intake_subject(self, vals):
        subject = " ".join((vals.get("subject") or "").split())
        if not subject:
            text = html2plaintext(vals.get("description") or "").strip()
            subject = text.splitlines()[0] if text else ""
        if not subject:
            raise UserError(self.env._("Please say in a few words what happened."))
        vals["subject"] = subject[:SUBJECT_LENGTH]

    @api.model
    def _intake_partners(self, vals_list):
        """Find or create the complainant by e-mail, all with one search (A2)."""
        emails = [
            vals["email_from"]
            for vals in vals_list
            if vals.get("email_from") and not vals.get("partner_id")
        ]
        if not emails:
            return
        partners = self.env["res.partner"]._find_or_create_from_emails(emails)
        found = dict(zip(emails, partners, strict=True))
        for vals in vals_list:
            partner = found.get(vals.get("email_from"))
            if partner and not vals.get("partner_id"):
                vals["partner_id"] = partner.id

    @api.model
    def get_import_templates(self):
        """Offer a template in Odoo's import dialogue."""
        return [
            {
                "label": self.env._("Import template for complaints"),
                "template": "/complaint_management/static/xls/complaint_case.csv",
            }
        ]

    # Acknowledgement ----------------------------------------------------------

    def _acknowledge(self):
        """Queue the acknowledgement with number, limits and rights (A6).

        Nothing is sent to somebody without an address, nor twice.
        """
        pending = self.filtered(
            lambda case: not case.acknowledged_at and case.partner_id.email_normalized
        )
        pending._send_to_customer(
            "complaint_management.mail_template_case_acknowledgement",
            message_type="auto_comment",
        )
        pending.acknowledged_at = fields.Datetime.now()

    def action_acknowledge(self):
        """Send the acknowledgement of a complaint that staff took down."""
        self.check_access("write")
        unreachable = self.filtered(lambda case: not case.partner_id.email_normalized)
        if unreachable:
            raise UserError(
                self.env._(
                    "%(complaint)s: the complainant has no valid e-mail address. "
                    "Print the acknowledgement and send it as a letter.",
                    complaint=unreachable[0].display_name,
                )
            )
        self._acknowledge()
        return True
