from ast import literal_eval

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

from ...tools import outbound

MANAGERS = "complaint_management.group_manager"
#: What other software can be told of; "test" is sent by hand.
EVENTS = ["received", "accepted", "answered", "closed", "reopened", "message"]
SHORTEST_SECRET = 16


class ComplaintWebhook(models.Model):
    """Tells other software what happens to complaints (I1).

    What happened is written down as complaint.webhook.delivery together with the
    event itself, and sent by the scheduled action: a case never waits for another
    computer, and nothing is told that did not happen.
    """

    _name = "complaint.webhook"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Webhook"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    url = fields.Char(
        string="Address",
        required=True,
        tracking=True,
        help="Where events are sent to, by POST. https, unless the settings allow the "
        "own network.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        index=True,
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
        help="Gets a to-do when the other side does not answer for days.",
    )

    # The secret is written, never read: signatures are made of it and nothing else.
    secret = fields.Char(string="Stored Secret", copy=False, groups=fields.NO_ACCESS)
    secret_new = fields.Char(
        string="Secret",
        compute="_compute_secret_new",
        inverse="_inverse_secret_new",
        copy=False,
        help="Shared with the other side, which recognises our messages by it. It is "
        "not shown again; type a new one to replace it.",
    )
    has_secret = fields.Boolean(compute="_compute_secret_new")

    # Which events
    on_received = fields.Boolean(string="Received", default=True)
    on_accepted = fields.Boolean(string="Accepted")
    on_answered = fields.Boolean(string="Answered", default=True)
    on_closed = fields.Boolean(string="Closed", default=True)
    on_reopened = fields.Boolean(string="Reopened")
    on_message = fields.Boolean(
        string="Message", help="Customer or company wrote in the complaint."
    )
    domain = fields.Char(
        string="Only complaints",
        default="[]",
        required=True,
        help="All complaints of the company, or those that meet these conditions when "
        "the event happens.",
    )
    include_text = fields.Boolean(
        string="With texts",
        tracking=True,
        help="Subject, description, demand, answer and messages go along. They may "
        "hold personal data.",
    )
    include_confidential = fields.Boolean(
        string="Confidential complaints, too", tracking=True
    )

    # How it goes
    pause_after_days = fields.Integer(
        string="Pause after days",
        default=3,
        required=True,
        help="When the other side has not taken anything for so long, sending stops "
        "and the responsible person gets a to-do. Events are kept.",
    )
    failing_since = fields.Datetime(readonly=True, copy=False)
    paused_at = fields.Datetime(
        string="Paused", readonly=True, copy=False, tracking=True
    )
    waiting_count = fields.Integer(compute="_compute_counts", string="Waiting")
    failed_count = fields.Integer(compute="_compute_counts", string="Failed")

    # Computes -------------------------------------------------------------------

    @api.depends("secret")
    def _compute_secret_new(self):
        for hook in self:
            hook.secret_new = False
            # sudo: whether there is one is no secret.
            hook.has_secret = bool(hook.sudo().secret)

    def _inverse_secret_new(self):
        for hook in self.filtered("secret_new"):
            # sudo: the secret is written here only, and read by the signature only.
            hook.sudo().secret = hook.secret_new

    def _compute_counts(self):
        counts = {
            (hook, state): count
            for hook, state, count in self.env[
                "complaint.webhook.delivery"
            ]._read_group(
                [
                    ("webhook_id", "in", self.ids),
                    ("state", "in", ("waiting", "failed")),
                ],
                ["webhook_id", "state"],
                ["__count"],
            )
        }
        for hook in self:
            hook.waiting_count = counts.get((hook, "waiting"), 0)
            hook.failed_count = counts.get((hook, "failed"), 0)

    # Constraints ----------------------------------------------------------------

    @api.constrains("url", "company_id")
    def _check_url(self):
        for hook in self:
            try:
                outbound.check_url(hook.url, hook._may_reach_private())
            except outbound.OutboundError as error:
                raise ValidationError(hook._problem_words(error)) from error

    @api.constrains("domain")
    def _check_domain(self):
        # sudo: only whether it can be asked.
        cases = self.env["complaint.case"].sudo()
        for hook in self:
            try:
                cases.search(hook._case_domain(), limit=1)
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The conditions of “%(hook)s” cannot be used: %(error)s",
                        hook=hook.name,
                        error=error,
                    )
                ) from error

    @api.constrains("secret")
    def _check_secret(self):
        # sudo: the secret is nobody's to read; how long it is, is checked.
        for hook in self.sudo():
            if len(hook.secret or "") < SHORTEST_SECRET:
                raise ValidationError(
                    self.env._(
                        "Give a secret of at least %(length)s characters, and the same "
                        "to the other side.",
                        length=SHORTEST_SECRET,
                    )
                )

    @api.constrains("pause_after_days")
    def _check_pause_after_days(self):
        if any(not 1 <= hook.pause_after_days <= 30 for hook in self):
            raise ValidationError(
                self.env._("Pause a webhook after a number of days from 1 to 30.")
            )

    # Create, write, delete ------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        hooks = super().create(vals_list)
        hooks._check_secret()
        hooks.invalidate_recordset(["secret_new"])
        self.env.registry.clear_cache()
        return hooks

    def write(self, vals):
        result = super().write(vals)
        # What was typed does not even go back to whoever typed it.
        self.invalidate_recordset(["secret_new"])
        if vals.keys() & {"active", "company_id", *(f"on_{event}" for event in EVENTS)}:
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def copy_data(self, default=None):
        raise ValidationError(
            self.env._("A webhook cannot be duplicated: its secret is known to nobody.")
        )

    # Buttons --------------------------------------------------------------------

    def action_send_test(self):
        """Send an event that means nothing, to see whether it arrives."""
        self._check_manager()
        # sudo: deliveries are written by the system only.
        deliveries = self.env["complaint.webhook.delivery"].sudo()
        deliveries._queue_test(self)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The test leaves within a minute. Open the deliveries to see what "
                    "became of it."
                ),
            },
        }

    def action_resume(self):
        """Send again, beginning with what is waiting."""
        self._check_manager()
        self.write({"paused_at": False, "failing_since": False})
        self.activity_feedback(["mail.mail_activity_data_todo"])
        # sudo: as above.
        waiting = self.env["complaint.webhook.delivery"].sudo()
        waiting.search(
            [("webhook_id", "in", self.ids), ("state", "=", "waiting")]
        )._put_back()
        return True

    @api.readonly
    def action_view_deliveries(self):
        """Open what was sent and what is waiting."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_webhook_delivery_action"
        )
        return action | {"domain": [("webhook_id", "=", self.id)], "context": {}}

    def _check_manager(self):
        self.check_access("write")
        if not self.env.user.has_group(MANAGERS):
            raise AccessError(self.env._("Only managers may do this."))

    # Who listens ----------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _listening(self):
        """{(company id, event): ids of the hooks}, remembered until a hook changes.

        So that where nobody listens nothing is asked of the database.
        """
        listening = {}
        # sudo: whoever works on a case, it is told.
        for hook in self.sudo().search([("active", "=", True)]):
            for event in EVENTS:
                if hook[f"on_{event}"]:
                    key = (hook.company_id.id, event)
                    listening[key] = (*listening.get(key, ()), hook.id)
        return listening

    def _case_domain(self):
        self.ensure_one()
        return Domain(literal_eval(self.domain or "[]"))

    def _wants(self, cases):
        """Those of the cases that the hook is told of."""
        self.ensure_one()
        cases = cases.filtered(lambda case: case.company_id == self.company_id)
        if not self.include_confidential:
            cases = cases.filtered(lambda case: not case.is_confidential)
        domain = self._case_domain()
        return cases if domain.is_true() else cases.filtered_domain(domain)

    def _may_reach_private(self):
        self.ensure_one()
        # sudo: a setting of the company.
        return self.company_id.sudo().complaint_webhook_private

    def _problem_words(self, error):
        """What an OutboundError means, and what to do about it."""
        words = {
            "address": self.env._("This is no address of a web service."),
            "scheme": self.env._(
                "The address must begin with https://. Plain http is for the own "
                "network, and only when the settings allow it."
            ),
            "credentials": self.env._(
                "Leave user and password out of the address: anybody could read them "
                "here. Messages are recognised by their signature."
            ),
            "unresolved": self.env._("There is no computer with this name."),
            "private": self.env._(
                "The address leads into a private network (%(detail)s). An "
                "administrator can allow that in the settings.",
                detail=error.detail,
            ),
            "timeout": self.env._("The other side did not answer in time."),
            "certificate": self.env._(
                "The other side has no valid certificate: %(detail)s",
                detail=error.detail,
            ),
        }
        return words.get(error.reason) or self.env._(
            "The other side cannot be reached: %(detail)s", detail=error.detail
        )
