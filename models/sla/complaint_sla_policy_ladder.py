from odoo import fields, models
from odoo.tools import SQL


class ComplaintSlaPolicy(models.Model):
    """The ladder of escalation of a policy (C5)."""

    _inherit = "complaint.sla.policy"

    escalation_ids = fields.One2many(
        comodel_name="complaint.sla.escalation",
        inverse_name="policy_id",
        copy=True,
    )

    def _ladder(self, milestone):
        """The rungs for a limit, in order; an empty policy has none."""
        return self.escalation_ids.filtered(
            lambda rung: not rung.milestone or rung.milestone == milestone
        )

    def _rungs_before(self, limit, warns):
        """Rungs that may come before the first thing that happens to a limit.

        :param limit: a target or a clock
        :param bool warns: whether that is the warning; else it is the deadline
        """
        rungs = self._ladder(limit.milestone)
        if not rungs:
            return rungs
        first = limit.warn_percent if warns else 100
        shares = rungs.filtered(
            lambda rung: rung.timing == "share" and rung.at_percent < first
        )
        return shares.sorted("at_percent")[:1] | rungs.filtered(
            lambda rung: rung.timing == "before"
        )

    def _with_open_clocks(self):
        """Those of the policies whose limits are running or passed and not reached."""
        groups = self.env["complaint.sla.clock"]._read_group(
            [("policy_id", "in", self.ids), ("ended_at", "=", False)], ["policy_id"]
        )
        return self.browse(policy.id for (policy,) in groups)

    def _wake_clocks(self):
        """Have the scheduled action look at all open clocks of the policies."""
        clocks = self.env["complaint.sla.clock"]
        clocks.flush_model()
        self.env.execute_query(
            SQL(
                """
                UPDATE complaint_sla_clock SET next_event_at = %(now)s
                 WHERE policy_id = ANY(%(policies)s) AND ended_at IS NULL
                   AND state IN ('running', 'breached')
                   AND (next_event_at IS NULL OR next_event_at > %(now)s)
             RETURNING id
                """,
                now=fields.Datetime.now(),
                policies=self.ids,
            )
        )
        clocks.invalidate_model(["next_event_at"], flush=False)
