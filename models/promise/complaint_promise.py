from odoo import api, fields, models

#: A promise, from the moment it is made.
RESULTS = [
    ("open", "Open"),
    ("kept", "Kept"),
    ("missed", "Missed"),
    ("void", "No longer needed"),
]


class ComplaintPromise(models.Model):
    """“You hear from us by ...”: one row for each time it was promised (C1, D4).

    Written by the case alone (``_promises_follow``, ``_promises_keep``). A promise
    is *kept* when the customer heard from us until it was due, *missed* when not,
    and *void* when nothing was owed any more before it fell due: the complaint
    waited for the customer, or was withdrawn. A missed one stays open until the
    customer hears from us all the same; ``kept_at`` then says how late.
    """

    _name = "complaint.promise"
    _inherit = ["complaint.due.mixin"]
    _description = "Promised Update"
    _order = "promised_at desc, id desc"

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    team_id = fields.Many2one(
        comodel_name="complaint.team",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Handler",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Who handled the complaint when the promise was made, or when it ended.",
    )
    promised_at = fields.Datetime(string="Promised", required=True, readonly=True)
    due_at = fields.Datetime(
        string="Promised for", required=True, readonly=True, index=True
    )
    remind_at = fields.Datetime(
        string="Reminder",
        readonly=True,
        help="When the handler is asked to write, if nobody did before.",
    )
    reminded_at = fields.Datetime(string="Reminded", readonly=True)
    kept_at = fields.Datetime(
        string="Customer informed", readonly=True, help="Also when it was too late."
    )
    ended_at = fields.Datetime(
        string="Ended", readonly=True, help="When it was not waited for any more."
    )
    result = fields.Selection(
        selection=RESULTS, required=True, readonly=True, default="open", index=True
    )
    kept_share = fields.Float(
        string="Kept (%)",
        compute="_compute_kept_share",
        store=True,
        digits=(5, 1),
        aggregator="avg",
    )
    problem = fields.Text(
        readonly=True,
        help="Why working days could not be counted; calendar days were instead.",
    )

    _one_open = models.UniqueIndex("(case_id) WHERE ended_at IS NULL")

    @api.depends("result")
    def _compute_kept_share(self):
        for promise in self:
            promise.kept_share = 100.0 if promise.result == "kept" else 0.0

    @api.depends("case_id", "due_at")
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = promise.case_id.name

    # Ending ---------------------------------------------------------------------------

    def _end(self, at, informed):
        """It is not waited for any more.

        :param datetime at: UTC
        :param bool informed: whether the customer heard from us then
        """
        for is_late, promises in self.grouped(lambda one: one.due_at < at).items():
            result = "kept" if informed else "void"
            promises.write(
                {
                    "ended_at": at,
                    "kept_at": at if informed else False,
                    "result": "missed" if is_late else result,
                    "next_event_at": False,
                }
            )
        for case, promises in self.grouped("case_id").items():
            if (promises.user_id, promises.team_id) != (case.user_id, case.team_id):
                promises.write({"user_id": case.user_id.id, "team_id": case.team_id.id})

    # What the scheduled action does ---------------------------------------------------

    def _process_events(self, now):
        """Ask the handler to write before a promise lapses; note those that did."""
        waited_for = self.filtered(lambda promise: not promise.ended_at)
        (self - waited_for).write({"next_event_at": False})
        lapsed = waited_for.filtered(lambda promise: promise.due_at <= now)
        lapsed.write({"result": "missed", "next_event_at": False})
        for due_at, promises in (waited_for - lapsed).grouped("due_at").items():
            promises.write({"next_event_at": due_at})
        unheard = waited_for.filtered(lambda promise: not promise.reminded_at)
        unheard.write({"reminded_at": now})
        unheard.case_id._update_to_dos()
