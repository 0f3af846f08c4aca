import re
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext, is_html_empty

from ..constants import NATURES, OUTCOMES, PRIORITIES

OPERATIONS = [
    ("acknowledge", "Acknowledge"),
    ("assign", "Assign"),
    ("classify", "Classify"),
    ("message", "Write to the customers"),
    ("answer", "Answer"),
    ("close", "Close"),
]
#: Work that sends the customer a text.
WITH_TEXT = ("message", "answer")
#: What a guide leaves to fill in: [what was found].
GAP = re.compile(r"\[[^\[\]]{3,}\]")
#: Nobody looks at the results of work that is older.
KEPT_DAYS = 90


class ComplaintBulk(models.Model):
    """One thing done to many complaints (I2): chosen, checked, then done in parts.

    What is missing is listed before anything is done. The page works on a part at a
    time, each in a transaction of its own, so that five hundred complaints neither
    time out nor fail together; when the page is closed, the scheduled action goes on.
    """

    _name = "complaint.bulk"
    _inherit = ["mail.render.mixin", "complaint.due.mixin"]
    _description = "Work on Many Complaints"
    _order = "id desc"
    _rec_name = "operation"

    state = fields.Selection(
        selection=[
            ("draft", "To check"),
            ("checked", "Checked"),
            ("running", "In progress"),
            ("done", "Done"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
    )
    operation = fields.Selection(
        selection=OPERATIONS, required=True, default="acknowledge"
    )
    line_ids = fields.One2many(
        comodel_name="complaint.bulk.line", inverse_name="bulk_id", readonly=True
    )
    ready_line_ids = fields.One2many(
        comodel_name="complaint.bulk.line",
        inverse_name="bulk_id",
        domain=[("state", "=", "ready")],
        readonly=True,
    )
    left_line_ids = fields.One2many(
        comodel_name="complaint.bulk.line",
        inverse_name="bulk_id",
        domain=[("state", "=", "left")],
        readonly=True,
    )
    total_count = fields.Integer(compute="_compute_counts")
    ready_count = fields.Integer(compute="_compute_counts")
    done_count = fields.Integer(compute="_compute_counts")
    left_count = fields.Integer(compute="_compute_counts")

    # What is done
    user_id = fields.Many2one(
        comodel_name="res.users", string="Handler", domain=[("share", "=", False)]
    )
    team_id = fields.Many2one(comodel_name="complaint.team")
    category_id = fields.Many2one(comodel_name="complaint.category")
    nature = fields.Selection(selection=NATURES)
    priority = fields.Selection(selection=PRIORITIES)
    tag_ids = fields.Many2many(comodel_name="complaint.tag", string="Add tags")
    outcome = fields.Selection(selection=OUTCOMES)
    guide_id = fields.Many2one(
        comodel_name="complaint.guide",
        string="Ready answer",
        domain=[("kind", "=", "answer")],
        help="Each customer gets it in their own language.",
    )
    body = fields.Html(
        string="Text",
        sanitize="email_outgoing",
        render_engine="qweb",
        render_options={"post_process": True},
    )
    preview_line_id = fields.Many2one(
        comodel_name="complaint.bulk.line",
        string="Preview for",
        domain="[('bulk_id', '=', id)]",
        compute="_compute_preview_line_id",
        store=True,
        readonly=False,
        ondelete="set null",
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    def _compute_render_model(self):
        self.render_model = "complaint.case"

    @api.depends("operation")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["operation"]._description_selection(self.env))
        for bulk in self:
            bulk.display_name = self.env._(
                "%(operation)s (complaints: %(count)s)",
                operation=labels[bulk.operation],
                count=bulk.total_count,
            )

    @api.depends("line_ids.state")
    def _compute_counts(self):
        counts = {}
        for bulk, state, count in self.env["complaint.bulk.line"]._read_group(
            [("bulk_id", "in", self.ids)], ["bulk_id", "state"], ["__count"]
        ):
            counts.setdefault(bulk.id, {})[state] = count
        for bulk in self:
            mine = counts.get(bulk._origin.id, {})
            bulk.total_count = sum(mine.values())
            bulk.ready_count = mine.get("ready", 0)
            bulk.done_count = mine.get("done", 0)
            bulk.left_count = mine.get("left", 0)

    @api.depends("line_ids")
    def _compute_preview_line_id(self):
        for bulk in self:
            bulk.preview_line_id = bulk.preview_line_id or bulk._origin.line_ids[:1]

    @api.depends("operation", "guide_id", "body", "preview_line_id")
    def _compute_preview(self):
        for bulk in self:
            case = bulk.preview_line_id.case_id._origin
            bulk.preview = False
            if bulk.operation not in WITH_TEXT or not case:
                continue
            try:
                bulk.preview = bulk._texts(case)[case]
            except UserError as error:
                bulk.preview = error.args[0]

    # Create, write --------------------------------------------------------------------

    @api.model
    def _for_cases(self, cases):
        """A new piece of work on complaints that the user may change."""
        bulk = self.create({})
        # sudo: lines are written by the system only, by nobody's hand.
        bulk.sudo().line_ids = [Command.create({"case_id": case.id}) for case in cases]
        return bulk

    def write(self, vals):
        """Whatever changes what is done must be checked again."""
        parameters = self._parameters().intersection(vals)
        if parameters and any(bulk.state in ("running", "done") for bulk in self):
            raise UserError(
                self.env._("This work has begun. Select the complaints again.")
            )
        if parameters:
            vals = {"state": "draft", **vals}
        return super().write(vals)

    @api.model
    def _parameters(self):
        return {
            "operation",
            "user_id",
            "team_id",
            "category_id",
            "nature",
            "priority",
            "tag_ids",
            "outcome",
            "guide_id",
            "body",
        }

    @api.constrains("body")
    def _check_body(self):
        for bulk in self.filtered("body"):
            try:
                is_unsafe = bulk._has_unsafe_expression()
            except Exception:  # any kind of broken template
                is_unsafe = True
            if is_unsafe:
                raise UserError(
                    self.env._(
                        "The text has a placeholder that is not known. Choose from "
                        "what “Dynamic Placeholder” offers, without calculations."
                    )
                )

    @api.autovacuum
    def _gc_bulk(self):
        """Results are kept for a while, the complaints tell the rest."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search([("create_date", "<", limit)], limit=1000).unlink()

    # The text -------------------------------------------------------------------------

    def _texts(self, cases):
        """The text for each complaint: {case: Markup}."""
        self.ensure_one()
        if self.guide_id:
            return self.guide_id._render_for(cases)
        if is_html_empty(self.body):
            return dict.fromkeys(cases, "")
        # What is being typed is not saved yet.
        rendered = self._render_template(
            self.body, "complaint.case", cases.ids, engine="qweb"
        )
        return {case: rendered[case.id] for case in cases}

    def _check_text(self):
        """Refuse a text that is empty or has gaps, before anybody gets it."""
        source = self.guide_id.body if self.guide_id else self.body
        if is_html_empty(source):
            raise UserError(
                self.env._("Choose a ready answer, or write what the customers get.")
            )
        languages = {line.case_id._letter_lang() for line in self.line_ids}
        texts = (
            [source]
            if not self.guide_id
            else [self.guide_id.with_context(lang=code).body for code in languages]
        )
        for text in texts:
            gap = GAP.search(html2plaintext(text or ""))
            if gap:
                raise UserError(
                    self.env._(
                        "The text still has a gap: %(gap)s. A text for many has none: "
                        "copy it, and write what is the same for all.",
                        gap=gap[0],
                    )
                )

    # Buttons --------------------------------------------------------------------------

    def action_check(self):
        """Say for each complaint whether it can be done, before anything is done."""
        self.ensure_one()
        self.check_access("write")
        self._refuse_begun()
        self._check_parameters()
        problems = self._problems(self.line_ids.case_id)
        # sudo: lines are written by the system only.
        for reason, lines in (
            self.sudo()
            .line_ids.grouped(lambda line: problems.get(line.case_id.id, ""))
            .items()
        ):
            lines.write({"state": "left" if reason else "ready", "reason": reason})
        self.state = "checked"
        return True

    def action_start(self):
        """Begin; the page then works on part after part."""
        self.ensure_one()
        self.check_access("write")
        self._refuse_begun()
        if self.state != "checked":
            self.action_check()
        if not self.ready_count:
            raise UserError(
                self.env._("Nothing can be done as it is: see why, and put it right.")
            )
        self.write({"state": "running"})
        self.work_on()
        return True

    def action_back(self):
        """Back to the list of complaints."""
        return self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_case_action"
        ) | {
            "target": "main",
            "view_mode": "list,kanban,form",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
        }

    def action_left_again(self):
        """Open new work on what was left."""
        self.ensure_one()
        return self._for_cases(self.left_line_ids.case_id)._reopen()

    def _refuse_begun(self):
        if self.state in ("running", "done"):
            raise UserError(
                self.env._("This work has begun. Select the complaints again.")
            )

    def _check_parameters(self):
        needed = {
            "assign": self.user_id or self.team_id,
            "classify": (
                self.category_id or self.nature or self.priority or self.tag_ids
            ),
        }
        if not needed.get(self.operation, True):
            raise UserError(self.env._("Choose what the complaints shall get."))
        if self.operation in WITH_TEXT:
            self._check_text()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Work on many complaints"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
