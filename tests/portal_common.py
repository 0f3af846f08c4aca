import re

from lxml import html as lxml_html

from odoo import http
from odoo.tests import HttpCase, tagged

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class PortalCommon(ComplaintCommon, HttpCase):
    """Pages of the portal as each role sees them."""

    def login(self, user):
        """Log in as a user; None is a guest."""
        if not user:
            self.authenticate(None, None)
        else:
            self.authenticate(user.login, user.login.ljust(8, "x"))

    def page(self, url, status=200):
        """The page as a tree; ``self.text`` is what a person reads on it."""
        response = self.url_open(url, allow_redirects=False)
        self.assertEqual(response.status_code, status, response.text[:400])
        return self.read_page(response)

    def read_page(self, response):
        tree = lxml_html.fromstring(response.text)
        [wrap] = tree.xpath("//div[@id='wrap']")
        self.text = re.sub(r"\s+", " ", wrap.text_content())
        return tree

    def post(self, url, data=None, **options):
        """Send a form of the page that was opened last."""
        data = {"csrf_token": http.Request.csrf_token(self), **(data or {})}
        return self.url_open(url, data=data, allow_redirects=False, **options)

    def token(self, case):
        return case._portal_ensure_token()

    def case_as(self, case):
        """The case as it is now in the database."""
        self.env.invalidate_all()
        return case
