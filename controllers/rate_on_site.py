from werkzeug.exceptions import NotFound

from odoo.http import Controller, request, route

#: Sheets begun from one address, and for one team; within seconds. Generous: a shop's
#: customers share one address.
ADDRESS_LIMIT, ADDRESS_SECONDS = 30, 3600
TEAM_LIMIT, TEAM_SECONDS = 300, 3600


class RateOnSite(Controller):
    @route(
        "/complaint/rate/<string:token>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        readonly=True,
        methods=["GET"],
    )
    def rate_on_site(self, token, **_kwargs):
        """What the code on the wall opens (F1).

        Looking makes nothing: crawlers follow links, but do not press buttons.
        """
        team = self._rate_team(token)
        return self._rate_refusal(team, token) or self._rate_page(team)

    @route(
        "/complaint/rate/<string:token>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
        max_content_length=16 * 1024,
    )
    def rate_on_site_begin(self, token, **_post):
        """Begin a sheet without a name, unless somebody floods us with them."""
        team = self._rate_team(token)
        refusal = self._rate_refusal(team, token)
        if refusal:
            return refusal
        throttle = team.env["complaint.throttle"]
        address = throttle._request_address()
        if not (
            throttle._hit(
                "rate:address", address, limit=ADDRESS_LIMIT, seconds=ADDRESS_SECONDS
            )
            and throttle._hit(
                "rate:team", team.id, limit=TEAM_LIMIT, seconds=TEAM_SECONDS
            )
        ):
            return self._rate_page(team, problem="busy", status=429)
        url = team._rate_begin()
        if not url:
            return self._rate_page(team, problem="closed")
        return request.redirect(url)

    def _rate_team(self, token):
        """The team of a link, a withdrawn one as well.

        :raise NotFound: for links that are not ours, or of archived teams
        """
        # sudo: visitors see no team; the signature of the link is the key.
        team = request.env["complaint.team"].sudo()._rate_find(token)
        if not team:
            raise NotFound()
        return team

    def _rate_refusal(self, team, token):
        """The page that says why the link asks nothing; none where it does."""
        if team._rate_is_withdrawn(token):
            return self._rate_page(team, problem="withdrawn", status=410)
        if not team.rate_enabled:
            return self._rate_page(team, problem="closed")
        return None

    def _rate_page(self, team, problem=None, status=200):
        response = request.render(
            "complaint_management.rate_on_site_page",
            {
                "company_name": team._rate_company().name,
                "team_name": team.name,
                "problem": problem,
            },
        )
        response.status_code = status
        response.headers["X-Robots-Tag"] = "noindex"
        return response
