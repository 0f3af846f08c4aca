import base64
import io

import qrcode

from odoo import api, fields, models
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
    active, rating is switched on, and nobody asked for a new code.
    """

    _inherit = "complaint.team"

    rate_enabled = fields.Boolean(
        string="Rate on site",
        default=True,
        tracking=True,
        help="Off: the link and the printed codes ask nobody until it is on again.",
    )
    rate_version = fields.Integer(
        string="Number of the code",
        readonly=True,
        copy=False,
        # Whoever put it back would make withdrawn codes work again.
        groups=fields.NO_ACCESS,
    )
    rate_url = fields.Char(
        string="Link to rate on site",
        compute="_compute_rate_url",
        groups="base.group_user",
        help="Opens the team's questionnaire for anybody, without a name.",
    )

    @api.depends("rate_enabled", "rate_version")
    def _compute_rate_url(self):
        for team in self:
            team.rate_url = team._origin.rate_enabled and (
                f"{team.get_base_url()}/complaint/rate/{team._origin._rate_token()}"
            )

    def action_rate_renew(self):
        """Give the teams new links and codes; those made before stop working.

        :raise AccessError: for who may not change the teams
        """
        self.check_access("write")
        for team in self:
            # sudo: the number is written by this step only.
            team.sudo().rate_version += 1
            team._message_log(
                body=self.env._("New code to rate on site: earlier ones are withdrawn.")
            )

    def _rate_token(self, version=None):
        """What names the team in its link, and proves that the link is ours.

        :param int version: number of the code, the valid one by default
        """
        self.ensure_one()
        # sudo: the database's secret signs the link; it does not leave this method.
        team = self.sudo()
        number = team.rate_version if version is None else version
        # The first code is that of databases in which there was no other.
        signed = (team.id, number) if number else team.id
        signature = hmac(team.env, "complaint-rate-on-site", signed)
        return f"{self.id}-{signature[:SIGNATURE_LENGTH]}"

    def _rate_is_withdrawn(self, token):
        """Whether a link was one of the team before it got a new code."""
        self.ensure_one()
        # sudo: as for the token.
        earlier = range(self.sudo().rate_version)
        return any(consteq(self._rate_token(number), token) for number in earlier)

    def _rate_find(self, token):
        """The active team of a link; empty for any other. To be called as superuser.

        Also of a withdrawn link: see :meth:`_rate_is_withdrawn`.

        :param str token: from the address, anything
        """
        number = token.partition("-")[0]
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            return self.browse()
        team = self.browse(int(number)).exists()
        is_ours = (
            team
            and token.isascii()
            and (consteq(team._rate_token(), token) or team._rate_is_withdrawn(token))
        )
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
