from odoo.tests import freeze_time

from .common import MODULE, ComplaintCommon

QUARTER_DAY = "2025-11-12 10:00:00"
START = "2026-01-05 09:00:00"
LATER = "2026-01-05 09:20:00"
REMINDED = "2026-01-10 09:30:00"
EXPIRED = "2026-01-27 09:00:00"


class CampaignCommon(ComplaintCommon):
    """Customers with an order in the last quarter of 2025, and a campaign for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env.ref(f"{MODULE}.complaint_survey_campaign")
        cls.questions = {
            question.complaint_dimension or "comment": question
            for question in cls.survey.question_ids
        }
        # What the demonstration brings is in no quarter of 2025.
        cls.tag = cls.env["res.partner.category"].create({"name": "Of this test"})
        cls.people = cls._served(*(f"p{number}" for number in range(6)))

    @classmethod
    def _served(cls, *names, day=QUARTER_DAY, **values):
        """Customers of these names who ordered on a day."""
        partners = cls.env["res.partner"].create(
            [
                {
                    "name": name,
                    "email": f"{name}@served.example.com",
                    "category_id": cls.tag.ids,
                    **values,
                }
                for name in names
            ]
        )
        for partner in partners:
            cls._order(partner, cls.product).date_order = day
        cls.env.flush_all()
        return partners

    @classmethod
    def _campaign(cls, user=None, **values):
        campaigns = cls.env["complaint.feedback.campaign"]
        campaigns = campaigns.with_user(user or cls.manager)
        return campaigns.create(
            {
                "date_from": "2025-10-01",
                "date_to": "2025-12-31",
                "partner_tag_ids": cls.tag.ids,
                "survey_id": cls.survey.id,
                **values,
            }
        ).sudo()

    def _choose(self, campaign, when=START):
        """Start, and let the job choose the customers."""
        with freeze_time(when):
            campaign.with_user(self.manager).action_start()
            self._run_campaigns(when)
        return campaign.feedback_ids

    def _run_campaigns(self, when):
        self._run("ir_cron_feedback_campaign", when)

    def _run_sending(self, when):
        self._run("ir_cron_feedback", when)

    def _run(self, job, when):
        with freeze_time(when), self.enter_registry_test_mode():
            self.env.ref(f"{MODULE}.{job}").method_direct_trigger()
        self.env.invalidate_all()

    def _sent(self, campaign=None, **values):
        """A campaign whose mails are queued; returns its surveys."""
        campaign = campaign or self._campaign(**values)
        self._choose(campaign)
        self._run_sending(LATER)
        return campaign.feedback_ids

    def _mails(self, feedbacks):
        return self.env["mail.mail"].search(
            [("model", "=", "complaint.feedback"), ("res_id", "in", feedbacks.ids)],
            order="id",
        )

    def _reasons(self, campaign, when=START):
        """{name of the customer: why not asked} as the preview says."""
        with freeze_time(when):
            people, _counts = campaign._preview()
        names = self.env["res.partner"].with_context(active_test=False)
        return {
            names.browse(person.partner_id).name: person.reason for person in people
        }
