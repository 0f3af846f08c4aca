import base64
import io

import qrcode

from odoo import fields, models
from odoo.tools import consteq, hmac

#: The questionnaire of campaigns, which asks nothing about a complaint.
FOR_CUSTOMERS = "complaint_management.complaint_survey_campaign"
#: Hexadecimal digits of the signature in a team's link: nobody guesses 128 bits.
SIGNATURE_LENGTH = 32
#: Hours within which a sheet that was begun on site can be finished.
OPEN_HOURS = 24
#: Pixels of each square of the printed code.
CODE_BOX = 16


class ComplaintTeam(models.Model):
    """A link and a code by which customers rate a team on site (F1).

    The link is signed by the database and not stored: it holds as long as the team is
    active.
    """

    _inherit = "complaint.team"

    rate_url = fields.Char(
        string="Link to rate on site",
        compute="_compute_rate_url",
        groups="base.group_user",
        help="Opens the team's questionnaire for anybody, without a name.",
    )

    def _compute_rate_url(self):
        for team in self:
            team.rate_url = team._origin and (
                f"{team.get_base_url()}/complaint/rate/{team._origin._rate_token()}"
            )

    def _rate_token(self):
        """What names the team in its link, and proves that the link is ours."""
        self.ensure_one()
        # sudo: the database's secret signs the link; it does not leave this method.
        signature = hmac(self.sudo().env, "complaint-rate-on-site", self.id)
        return f"{self.id}-{signature[:SIGNATURE_LENGTH]}"

    def _rate_find(self, token):
        """The active team of a link; empty for any other. To be called as superuser.

        :param str token: from the address, anything
        """
        number = token.partition("-")[0]
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            return self.browse()
        team = self.browse(int(number)).exists()
        is_ours = team and token.isascii() and consteq(team._rate_token(), token)
        return team.filtered("active") if is_ours else self.browse()

    def _rate_code(self):
        """The link as a QR code: a data URI of a PNG image, which needs no server."""
        self.ensure_one()
        picture = io.BytesIO()
        qrcode.make(self.rate_url, box_size=CODE_BOX).save(picture, format="PNG")
        return f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}"

    def _rate_company(self):
        """Whose customers rate the team; that of the visit for a shared one."""
        return self.company_id or self.env.company

    def _rate_begin(self):
        """Make a sheet for somebody on site, who stays unnamed. As superuser.

        :return: address of the questionnaire; empty when there is none to fill in
        """
        self.ensure_one()
        now = fields.Datetime.now()
        feedback = self.env["complaint.feedback"].create(
            {
                "touchpoint": "visit",
                "way": "visit",
                "team_id": self.id,
                "company_id": self._rate_company().id,
                "planned_at": now,
            }
        )
        survey = feedback._choose_survey()
        if not survey:
            feedback.unlink()
            return ""
        expires_at = fields.Datetime.add(now, hours=OPEN_HOURS)
        feedback.write(
            {
                "state": "sent",
                "survey_id": survey.id,
                "expires_at": expires_at,
                "next_event_at": expires_at,
            }
        )
        feedback.user_input_id = feedback._create_answer_sheet()
        return feedback.user_input_id.get_start_url()


class ComplaintFeedback(models.Model):
    """Answers given on site have neither complaint nor customer."""

    _inherit = "complaint.feedback"

    def _compute_display_name(self):
        result = super()._compute_display_name()
        for feedback in self.filtered(lambda one: one.touchpoint == "visit"):
            # sudo: the name of the team is no secret.
            feedback.display_name = self.env._(
                "On site: %(team)s", team=feedback.sudo().team_id.name or ""
            )
        return result

    def _choose_survey(self):
        """Visitors on site need not have complained: without a questionnaire of the
        team they get the one for customers."""
        if self.touchpoint != "visit" or self.state != "planned":
            return super()._choose_survey()
        shipped = self.env.ref(FOR_CUSTOMERS, raise_if_not_found=False)
        survey = self.team_id.survey_id or shipped or self.env["survey.survey"]
        return survey.filtered(lambda one: one.active and one.question_ids)

    def _get_lang(self):
        # Whoever stands before the code reads the language of their browser.
        return self.env.lang if self.touchpoint == "visit" else super()._get_lang()
