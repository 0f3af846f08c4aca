import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.date_utils import end_of, start_of, subtract
from odoo.tools.misc import format_date

MANAGER = "complaint_management.group_manager"
SHIPPED = "complaint_management.complaint_survey_campaign"

STATES = [
    ("draft", "Draft"),
    ("preparing", "Choosing customers"),
    ("running", "In progress"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]
#: What people decide about a campaign before it starts ...
BEFORE = {
    "category_ids",
    "date_from",
    "date_to",
    "mails_per_hour",
    "partner_tag_ids",
    "sample",
    "sample_number",
    "sample_percent",
    "survey_id",
    "team_ids",
    "with_complaints",
    "with_orders",
}
#: ... and what they may change at any time.
ALWAYS = {"name", "repeat_auto", "repeat_months", "user_id"}


class ComplaintFeedbackCampaign(models.Model):
    """A survey among the customers served in a period (F2), quarterly by default.

    Draft, then customers are chosen in batches (``complaint_feedback_campaign_work``),
    each gets a planned survey, and surveys are sent, reminded and expire as those of
    complaints do. Who is asked, and why others are not, is decided by one query
    (``complaint_feedback_campaign_people``), for the preview as for the real thing.
    """

    _name = "complaint.feedback.campaign"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "complaint.by.hand.mixin",
        "complaint.due.mixin",
    ]
    _description = "Satisfaction Campaign"
    _order = "date_to desc, id desc"
    _check_company_auto = True
    _by_hand = frozenset(BEFORE | ALWAYS)
    _given_once = frozenset({"company_id"})

    name = fields.Char(
        copy=False,
        tracking=True,
        help="Empty: named after the period, in the language of whoever reads it.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        index="btree_not_null",
        help="Gets the replies that customers write to the mail, and the to-do when "
        "the next campaign is ready.",
    )
    state = fields.Selection(
        selection=STATES,
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )

    # Who is asked. Days are those of the company's time zone, both included.
    date_from = fields.Date(
        string="Served from",
        required=True,
        default=lambda self: start_of(self._quarter_before(), "quarter"),
        help="First day of the period in which customers were served.",
    )
    date_to = fields.Date(
        string="Served until",
        required=True,
        default=lambda self: end_of(self._quarter_before(), "quarter"),
        help="Last day of the period in which customers were served.",
    )
    with_orders = fields.Boolean(
        string="Customers who ordered",
        default=True,
        help="Whose sales order of the period is confirmed.",
    )
    with_complaints = fields.Boolean(
        string="Customers who complained",
        default=True,
        help="Whose complaint was closed in the period. Confidential ones do not "
        "count.",
    )
    partner_tag_ids = fields.Many2many(
        comodel_name="res.partner.category",
        string="Customer tags",
        help="Only customers with one of these tags, or whose company has it.",
    )
    team_ids = fields.Many2many(
        comodel_name="complaint.team",
        string="Teams of the complaint",
        check_company=True,
        help="Only complaints of these teams count.",
    )
    category_ids = fields.Many2many(
        comodel_name="complaint.category",
        string="Categories of the complaint",
        help="Only complaints of these categories, and those below them, count.",
    )
    sample = fields.Selection(
        selection=[
            ("all", "Everybody"),
            ("percent", "A share of them"),
            ("number", "A number of them"),
        ],
        string="Of these",
        required=True,
        default="all",
    )
    sample_percent = fields.Float(
        string="Share (%)", digits=(5, 2), default=20.0, aggregator=None
    )
    sample_number = fields.Integer(
        string="At most (customers)", default=500, aggregator=None
    )
    seed = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: secrets.token_hex(8),
        help="Decides who is in the sample: the preview and the mails choose the same "
        "customers, the next campaign others.",
    )

    # How they are asked
    survey_id = fields.Many2one(
        comodel_name="survey.survey",
        string="Questionnaire",
        domain=[("is_complaint_survey", "=", True)],
        default=lambda self: self._default_survey(),
        index="btree_not_null",
        ondelete="set null",
    )
    mails_per_hour = fields.Integer(
        string="Mails per hour",
        aggregator=None,
        help="Spreads the mails over time, so that replies and calls can be handled. "
        "Zero: as fast as the mail server takes them.",
    )
    started_at = fields.Datetime(string="Started on", readonly=True, copy=False)

    # How far choosing has come: written in the transaction that writes the surveys, so
    # that what was killed goes on where it stopped.
    cursor = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        groups="base.group_system",
        help="The last customer who was looked at.",
    )
    threshold = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Customers whose place in the draw is behind this are not in the sample.",
    )
    served_count = fields.Integer(
        string="Customers served",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Customers of the period when the campaign was started.",
    )
    left_out = fields.Json(
        readonly=True,
        copy=False,
        help="How many customers are not asked, by reason, as it was when they were "
        "looked at.",
    )

    # Again
    repeat_months = fields.Integer(
        string="Repeat every (months)",
        default=3,
        aggregator=None,
        help="When the next period is over, the next campaign is made. Zero: never.",
    )
    repeat_auto = fields.Boolean(
        string="Start the next one by itself",
        help="Otherwise the next campaign is a draft that somebody starts.",
    )
    previous_id = fields.Many2one(
        comodel_name="complaint.feedback.campaign",
        string="Follows",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    next_ids = fields.One2many(
        comodel_name="complaint.feedback.campaign",
        inverse_name="previous_id",
        string="Followed by",
        readonly=True,
        copy=False,
    )

    # What came of it
    feedback_ids = fields.One2many(
        comodel_name="complaint.feedback",
        inverse_name="campaign_id",
        string="Satisfaction surveys",
        readonly=True,
        copy=False,
    )
    found_count = fields.Integer(string="Looked at", compute="_compute_counts")
    left_out_count = fields.Integer(string="Not asked", compute="_compute_counts")
    left_out_text = fields.Text(
        string="Why they are not asked", compute="_compute_left_out_text"
    )
    prepared_count = fields.Integer(string="Chosen", compute="_compute_counts")
    waiting_count = fields.Integer(string="Still to send", compute="_compute_counts")
    sent_count = fields.Integer(string="Mails", compute="_compute_counts")
    answered_count = fields.Integer(string="Answers", compute="_compute_counts")
    cancelled_count = fields.Integer(
        string="Taken back", compute="_compute_counts", help="Before or after sending."
    )
    answered_percent = fields.Float(
        string="Answered (%)", digits=(5, 1), compute="_compute_counts"
    )
    score = fields.Float(
        string="Average score", digits=(4, 2), compute="_compute_counts"
    )
    progress = fields.Float(
        compute="_compute_counts",
        help="In percent: of the customers looked at while customers are chosen, of "
        "the mails queued after that.",
    )

    _period = models.Constraint(
        "CHECK (date_from <= date_to)", "The period ends before it begins."
    )
    _numbers = models.Constraint(
        "CHECK (mails_per_hour >= 0 AND repeat_months BETWEEN 0 AND 120"
        " AND sample_percent > 0 AND sample_percent <= 100 AND sample_number > 0)",
        "Share between 0 and 100 %, numbers above zero, months up to 120.",
    )
    # Two runs of the job at once do not make two next campaigns.
    _follows_once = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL",
        "This campaign is followed by another one already.",
    )

    # Defaults and computes -----------------------------------------------------------

    @api.model
    def _quarter_before(self):
        """A day in the quarter before today's."""
        return subtract(start_of(fields.Date.context_today(self), "quarter"), months=1)

    @api.model
    def _default_survey(self):
        survey = self.env.ref(SHIPPED, raise_if_not_found=False)
        # sudo: employees read no questionnaires; this is but which one.
        return survey and survey.sudo().filtered("active").sudo(False)

    @api.depends("name", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for campaign in self:
            campaign.display_name = campaign.name or campaign._named()

    @api.model
    def _search_display_name(self, operator, value):
        # Of campaigns there are a few a year; what they are called is not stored.
        unnamed = self.search([("name", "=", False)])
        found = unnamed.filtered_domain([("display_name", operator, value)])
        own = Domain("name", "!=", False) & Domain("name", operator, value)
        return Domain("id", "in", found.ids) | own

    def _named(self):
        """What the period says, in the language of the environment."""
        first, last = self.date_from, self.date_to
        if not (first and last):
            return ""
        whole = start_of(first, "quarter"), end_of(first, "quarter")
        if (first, last) != whole:
            return self._named_by_days()
        return self.env._(
            "Customers served in quarter %(quarter)s of %(year)s",
            quarter=(first.month + 2) // 3,
            year=first.year,
        )

    def _named_by_days(self):
        return self.env._(
            "Customers served %(first)s – %(last)s",
            first=format_date(self.env, self.date_from),
            last=format_date(self.env, self.date_to),
        )

    @api.depends("state", "served_count", "left_out", "feedback_ids.state")
    def _compute_counts(self):
        found = {}
        for campaign, state, count, sent, score in self.env[
            "complaint.feedback"
        ]._read_group(
            [("campaign_id", "in", self.ids)],
            ["campaign_id", "state"],
            ["__count", "sent_at:count", "score:avg"],
        ):
            found.setdefault(campaign.id, {})[state] = (count, sent, score)
        for campaign in self:
            mine = found.get(campaign.id, {})
            left = sum((campaign.left_out or {}).values())
            prepared = sum(count for count, _sent, _score in mine.values())
            sent = sum(sent for _count, sent, _score in mine.values())
            answered, _sent, score = mine.get("answered", (0, 0, 0.0))
            waiting = mine.get("planned", (0,))[0]
            campaign.prepared_count = prepared
            campaign.left_out_count = left
            campaign.found_count = prepared + left
            campaign.waiting_count = waiting
            campaign.sent_count = sent
            campaign.answered_count = answered
            campaign.cancelled_count = mine.get("cancelled", (0,))[0]
            campaign.answered_percent = 100.0 * answered / sent if sent else 0.0
            campaign.score = score or 0.0
            if campaign.state == "preparing":
                done, of = campaign.found_count, campaign.served_count
            elif campaign.state == "draft":
                done, of = 0, 0
            else:
                done, of = prepared - waiting, prepared
            campaign.progress = min(100.0, 100.0 * done / of) if of else 0.0

    @api.depends("left_out")
    @api.depends_context("lang")
    def _compute_left_out_text(self):
        labels = self._reason_labels()
        for campaign in self:
            counts = sorted((campaign.left_out or {}).items(), key=lambda p: -p[1])
            campaign.left_out_text = "\n".join(
                f"{labels.get(reason, reason)}: {count}" for reason, count in counts
            )

    @api.constrains("with_orders", "with_complaints")
    def _check_sources(self):
        for campaign in self:
            if not (campaign.with_orders or campaign.with_complaints):
                raise ValidationError(
                    self.env._(
                        "Choose whom to ask: customers who ordered, who complained, or "
                        "both."
                    )
                )

    # Write, delete -------------------------------------------------------------------

    def write(self, vals):
        begun = self.filtered(lambda one: one.state != "draft")
        if begun and not self.env.su and vals.keys() & BEFORE:
            raise UserError(
                self.env._(
                    "“%(campaign)s” has started: whom it asks, and what, stays as it "
                    "is. Cancel it, and make another one.",
                    campaign=begun[0].display_name,
                )
            )
        result = super().write(vals)
        if "repeat_months" in vals:
            # sudo: when the job looks again is the system's to say.
            for campaign in self.sudo().filtered(lambda one: one.state == "done"):
                campaign.next_event_at = campaign._next_look(fields.Datetime.now())
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for campaign in self:
            if campaign.state != "draft":
                raise UserError(
                    self.env._(
                        "“%(campaign)s” has started and stays on record. Cancel it "
                        "where nobody is to be asked any more.",
                        campaign=campaign.display_name,
                    )
                )

    # Buttons -------------------------------------------------------------------------

    def action_preview(self):
        """Show who would get the survey now, and count who would not, by reason.

        :raise AccessError: when the user may not see the campaign
        """
        self.ensure_one()
        self.check_access("read")
        preview = self.env["complaint.campaign.preview"]._of(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who would be asked"),
            "res_model": preview._name,
            "res_id": preview.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_start(self):
        """Choose the customers and send the surveys, by the scheduled actions.

        :raise AccessError: when the user is no manager
        :raise UserError: when it has started already, or the questionnaire cannot be
            answered, or surveys are switched off
        """
        self._check_manager()
        for campaign in self:
            campaign._start()

    def action_cancel(self):
        """Ask nobody any more: what was not sent is cancelled, links stay open.

        :raise AccessError: when the user is no manager
        :raise UserError: when it is over already
        """
        self._check_manager()
        if self.filtered(lambda one: one.state in ("done", "cancelled")):
            raise UserError(self.env._("This campaign is over."))
        # sudo: the state follows from the buttons, surveys are nobody's to write.
        campaigns = self.sudo()
        campaigns.write({"state": "cancelled", "next_event_at": False})
        self.env["complaint.feedback"].sudo().search(
            [("campaign_id", "in", self.ids), ("state", "=", "planned")]
        )._cancel("campaign")

    def action_open_feedback(self):
        """Open the surveys; the context key ``campaign_states`` names their states."""
        self.ensure_one()
        states = self.env.context.get("campaign_states")
        domain = Domain("campaign_id", "=", self.id)
        if states == "sent":
            domain &= Domain("sent_at", "!=", False)
        elif states:
            domain &= Domain("state", "=", states)
        return self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_feedback_action"
        ) | {
            "name": self.display_name,
            "domain": list(domain),
            "context": {},
        }

    def action_open_next(self):
        """Open the campaign that follows."""
        self.ensure_one()
        return self.next_ids[:1]._get_records_action()

    def _check_manager(self):
        self.check_access("write")
        if not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._("Only managers of complaints start or cancel a campaign.")
            )
