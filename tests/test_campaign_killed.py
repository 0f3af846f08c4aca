import subprocess
import sys
from datetime import timedelta

from odoo import fields
from odoo.sql_db import db_connect
from odoo.tests import get_db_name, tagged
from odoo.tools import config

from .committed_common import PATIENCE, CommittedCommon

#: What another Odoo does, in batches of ten.
JOB = """
from odoo.addons.complaint_management.models.feedback import (
    complaint_feedback_campaign_work as work,
)
work.BATCH = 10
env.registry["complaint.feedback"]._due_at_once = 10
env["{model}"]._cron_process_due()
env.cr.commit()
"""


@tagged("post_install", "-at_install")
class TestCampaignKilled(CommittedCommon):
    """Real Odoo processes that die in the middle: nobody gets a second mail (F2)."""

    number = 35

    def setUp(self):
        # Other records than those of the class above.
        super(CommittedCommon, self).setUp()
        self.db = db_connect(get_db_name())
        self.addCleanup(self._remove)
        today = fields.Date.today()
        with self.db.cursor() as cr:
            env = self._env(cr)
            tag = env["res.partner.category"].create({"name": "Killed"})
            partners = env["res.partner"].create(
                [
                    {
                        "name": f"Killed {number}",
                        "email": f"killed{number}@example.com",
                        "category_id": tag.ids,
                    }
                    for number in range(self.number)
                ]
            )
            orders = env["sale.order"].create(
                [{"partner_id": partner.id} for partner in partners]
            )
            orders.write({"state": "sale"})
            campaign = env["complaint.feedback.campaign"].create(
                {
                    "date_from": today - timedelta(days=2),
                    "date_to": today + timedelta(days=1),
                    "partner_tag_ids": tag.ids,
                    "repeat_months": 0,
                }
            )
            campaign._start()
            self.tag_id, self.partner_ids = tag.id, partners.ids
            self.order_ids, self.campaign_id = orders.ids, campaign.id

    def _remove(self):
        with self.db.cursor() as cr:
            env = self._env(cr)
            feedbacks = env["complaint.feedback"].search(
                [("campaign_id", "=", self.campaign_id)]
            )
            self._mails(env, feedbacks).unlink()
            feedbacks.user_input_id.unlink()
            feedbacks.unlink()
            campaign = env["complaint.feedback.campaign"].browse(self.campaign_id)
            campaign.state = "draft"
            campaign.unlink()
            orders = env["sale.order"].browse(self.order_ids)
            orders.write({"state": "draft"})
            orders.unlink()
            env["res.partner"].browse(self.partner_ids).unlink()
            env["res.partner.category"].browse(self.tag_id).unlink()

    def _mails(self, env, feedbacks):
        return env["mail.mail"].search(
            [("model", "=", "complaint.feedback"), ("res_id", "in", feedbacks.ids)]
        )

    def _result(self):
        """(surveys, addresses, sent, mails, recipients) as committed"""
        with self.db.cursor() as cr:
            env = self._env(cr)
            feedbacks = env["complaint.feedback"].search(
                [("campaign_id", "=", self.campaign_id)]
            )
            mails = self._mails(env, feedbacks)
            return (
                len(feedbacks),
                len(set(feedbacks.mapped("email"))),
                len(feedbacks.filtered("sent_at")),
                len(mails),
                len(set(mails.mapped("email_to"))),
            )

    def _run_job(self, model):
        with self.db.cursor() as cr:
            self._env(cr)[model]._cron_process_due()

    def _kill_in_the_middle(self, model):
        """Another Odoo is held in its last batch by a lock, and killed there."""
        with self.db.cursor() as blocker:
            blocker.execute(
                "SELECT id FROM res_partner WHERE id = %s FOR UPDATE",
                [self.partner_ids[-1]],
            )
            process = subprocess.Popen(
                [
                    sys.executable,
                    *("-m", "odoo", "shell", "-c", config["config"]),
                    *("-d", get_db_name(), "--no-http", "--log-level=critical"),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            self.addCleanup(process.wait, PATIENCE)
            self.addCleanup(process.kill)
            process.stdin.write(JOB.format(model=model))
            process.stdin.close()
            [waiting] = self._wait_for_lock(blocker)
            process.kill()
            process.wait(PATIENCE)
        self._wait_until_gone(waiting)

    def test_killed_while_choosing_and_while_queueing(self):
        self._kill_in_the_middle("complaint.feedback.campaign")
        self.assertEqual(self._result(), (30, 30, 0, 0, 0))
        self._run_job("complaint.feedback.campaign")
        self.assertEqual(self._result(), (35, 35, 0, 0, 0))
        self._kill_in_the_middle("complaint.feedback")
        self.assertEqual(self._result(), (35, 35, 30, 30, 30))
        self._run_job("complaint.feedback")
        self.assertEqual(self._result(), (35, 35, 35, 35, 35))
        for model in ("complaint.feedback.campaign", "complaint.feedback"):
            self._run_job(model)
        self.assertEqual(self._result(), (35, 35, 35, 35, 35))
