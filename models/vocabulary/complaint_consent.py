from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

#: What is on record from the day on which the text is in use.
FROZEN = {"body", "company_id", "version", "published_at"}


class ComplaintConsent(models.Model):
    """A version of what guests agree to when they send a complaint (A1, H1).

    Complaints keep which version was accepted and when. So a version that is in use
    cannot be changed: another wording is another version, and the latest one that is
    published is shown.
    """

    _name = "complaint.consent"
    _inherit = ["complaint.kept.mixin"]
    _description = "Consent Text"
    _order = "published_at desc, id desc"

    version = fields.Integer(
        readonly=True, copy=False, help="Given when the text is published."
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Empty: for companies that have no text of their own.",
    )
    body = fields.Html(
        string="Text",
        required=True,
        translate=True,
        sanitize_attributes=True,
        sanitize_form=True,
        help="What happens with the data of the complainant. Translate it before you "
        "publish it.",
    )
    published_at = fields.Datetime(
        string="Published", readonly=True, copy=False, help="In use from then on (UTC)."
    )
    published_by_id = fields.Many2one(
        comodel_name="res.users", string="Published by", readonly=True, copy=False
    )
    active = fields.Boolean(default=True)

    @api.depends("version", "company_id")
    def _compute_display_name(self):
        for consent in self:
            if consent.version:
                consent.display_name = self.env._(
                    "Version %(number)s", number=consent.version
                )
            else:
                consent.display_name = self.env._("Draft")

    # On record ------------------------------------------------------------------------

    def write(self, vals):
        if FROZEN.intersection(vals):
            self._check_unpublished()
        return super().write(vals)

    def _update_field_translations(self, *args, **kwargs):
        self._check_unpublished()
        return super()._update_field_translations(*args, **kwargs)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_unpublished()

    def _check_unpublished(self):
        if any(consent.published_at for consent in self):
            raise UserError(
                self.env._(
                    "A published text is on record: people agreed to it as it is. Make "
                    "a new version instead."
                )
            )

    # Buttons --------------------------------------------------------------------------

    def action_publish(self):
        """Show this text in the form from now on."""
        self.check_access("write")
        for consent in self:
            consent._check_unpublished()
            if is_html_empty(consent.body):
                raise UserError(self.env._("Write the text first."))
            consent.write(
                {
                    "version": consent._next_version(),
                    "published_at": fields.Datetime.now(),
                    "published_by_id": self.env.uid,
                }
            )
        return True

    def _next_version(self):
        """One more than the highest of the company, archived ones included."""
        latest = self.with_context(active_test=False).search(
            [("company_id", "=", self.company_id.id), ("version", ">", 0)],
            order="version desc",
            limit=1,
        )
        return latest.version + 1

    def action_new_version(self):
        """Open a draft with the words of this text."""
        self.ensure_one()
        draft = self.copy()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "view_mode": "form",
        }

    # The form -------------------------------------------------------------------------

    @api.model
    def _current(self, company):
        """The text that the form of a company shows; may be empty.

        A company's own texts come before the one for all.
        """
        published = self.search(
            [
                ("company_id", "in", [company.id, False]),
                ("published_at", "!=", False),
            ]
        )
        return published.sorted(lambda consent: not consent.company_id)[:1]
