from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request
from odoo.tools import consteq

from odoo.addons.survey.controllers.main import Survey


class ComplaintSurvey(Survey):
    def _check_validity(
        self,
        survey_sudo,
        answer_sudo,
        answer_token,
        ensure_token=True,
        check_partner=True,
    ):
        # The personal link is the key (F1). Odoo turns away whoever is logged in as
        # somebody else, which hits guests with a portal account of another address
        # and colleagues of the customer. Employees stay shut out: they are not to
        # answer for a customer.
        if answer_sudo.complaint_feedback_id and not request.env.user._is_internal():
            check_partner = False
        return super()._check_validity(
            survey_sudo,
            answer_sudo,
            answer_token,
            ensure_token=ensure_token,
            check_partner=check_partner,
        )


class ComplaintFeedbackController(http.Controller):
    @http.route(
        "/complaint/feedback/optout/<int:feedback_id>/<string:token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        website=True,
        sitemap=False,
        # The signed address is the key, as no session is at hand: mail programs post
        # here by themselves when the reader presses "unsubscribe" (RFC 8058).
        csrf=False,
    )
    def feedback_optout(self, feedback_id, token, **_post):
        """Let the customer decline further surveys (F2).

        Looking at the page changes nothing: mail scanners follow links, but do not
        post. An address that is not of our making is not found.
        """
        # sudo: the public user sees no feedback; the signature is checked first.
        feedback = request.env["complaint.feedback"].sudo().browse(feedback_id)
        if not consteq(feedback._get_optout_token(), token) or not feedback.exists():
            raise NotFound()
        # The reader's language: the mail was in it.
        language = request.env["res.lang"]._get_data(code=feedback._get_lang())
        if language:
            request.update_context(lang=language.code)
            feedback = feedback.with_context(lang=language.code)
        done = request.httprequest.method == "POST"
        if done:
            feedback._opt_out()
        return request.render(
            "complaint_management.feedback_optout_page",
            {"done": done, "company": feedback.company_id},
        )
