from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.fields import Domain
from odoo.tools import SQL

#: Index by which the database refuses the second of two equal submissions.
REQUEST_INDEX = "complaint_case_portal_request_unique"


class ComplaintCase(models.Model):
    """How customers reach their complaints in the portal: which, and once (I1)."""

    _inherit = "complaint.case"

    portal_request = fields.Char(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="Fingerprint of the portal form that was sent, so that a form sent twice "
        "is one complaint.",
    )

    _portal_request_unique = models.UniqueIndex(
        "(partner_id, portal_request) WHERE portal_request IS NOT NULL"
    )

    # Which complaints --------------------------------------------------------------

    @api.model
    def _portal_domain(self, partner):
        """Complaints that belong on a contact's own list.

        Record rules say the same for customers; employees, who may read others'
        complaints for their work, would else find those among their own.
        """
        domain = Domain("partner_id", "=", partner.id)
        if partner.is_complaint_contact:
            domain |= Domain(
                "commercial_partner_id", "=", partner.commercial_partner_id.id
            )
        return domain

    @api.model
    def _portal_search_domain(self, partner, text):
        """Complaints with a text in number, subject or number of the order."""
        # sudo: employees need no access to sales; the customer's own orders only.
        orders = (
            self.env["sale.order"]
            .sudo()
            ._search(
                [
                    ("name", "ilike", text),
                    (
                        "partner_id.commercial_partner_id",
                        "=",
                        partner.commercial_partner_id.id,
                    ),
                ]
            )
        )
        return (
            Domain("name", "ilike", text)
            | Domain("subject", "ilike", text)
            | Domain("order_id", "in", orders)
        )

    @api.model
    def _portal_orders(self, partner, order_ids=None):
        """Confirmed orders of the contact's company, latest first.

        :param list order_ids: only these, when given
        """
        domain = Domain(
            "partner_id.commercial_partner_id", "=", (partner.commercial_partner_id.id)
        )
        domain &= Domain("state", "=", "sale")
        domain &= Domain("company_id", "in", self.env.user.company_ids.ids)
        if order_ids is not None:
            domain &= Domain("id", "in", order_ids)
        # sudo: which orders are the customer's is said above, whatever rules for
        # followers and salespeople the company has.
        return (
            self.env["sale.order"]
            .sudo()
            .search(domain, order="date_order desc, id desc", limit=200)
        )

    @api.model
    def _portal_order_products(self, orders):
        """What can be complained about, as {order: products}."""
        products = {
            order: order.order_line.filtered(
                lambda line: not line.display_type and not line.is_downpayment
            ).product_id
            for order in orders
        }
        together = {id_ for some in products.values() for id_ in some.ids}
        return {order: some.with_prefetch(together) for order, some in products.items()}

    @api.model
    def _get_thread_with_access(
        self,
        thread_id,
        *,
        token=None,
        hash=None,
        pid=None,
        **kwargs,
    ):
        """A complaint that is not there is told from one out of reach by nobody.

        Odoo compares tokens as they come, and an error tells that there is something
        to compare with.
        """
        # sudo: only to see whether there is something to compare with.
        case = self.browse(thread_id).sudo().exists()
        if not case:
            return self.browse()
        is_comparable = isinstance(token, str) and token.isascii() and case.access_token
        is_signed = isinstance(hash, str) and hash.isascii() and str(pid).isdecimal()
        return super()._get_thread_with_access(
            thread_id,
            token=token if is_comparable else None,
            hash=hash if is_signed else None,
            pid=pid if is_signed else None,
            **kwargs,
        )

    # Once --------------------------------------------------------------------------

    @api.model
    def _portal_submit(self, vals, files, request_key):
        """Register a complaint that a customer sends in the portal, once (A1, A2).

        The same form sent again - a double click, a page loaded anew - is the same
        complaint.

        :param dict vals: values of the case, with the partner_id of the sender
        :param list[dict] files: name and raw content of each file, checked
        :param str request_key: fingerprint (hexadecimal digest) of the form and what
            was typed into it
        :return: (case, whether it is new)
        :raise UserError: when the complaint lacks something; nothing is kept then
        """
        # Of two clicks at the same time one waits its turn: it is run again when the
        # other is through, because it cannot see the other's complaint yet.
        [[is_first]] = self.env.execute_query(
            SQL(
                "SELECT pg_try_advisory_xact_lock(%s)",
                int.from_bytes(bytes.fromhex(request_key[:16]), signed=True),
            )
        )
        if not is_first:
            raise ConcurrencyError("complaint is being sent twice")
        present = self.with_context(active_test=False).search(
            [
                ("partner_id", "=", vals["partner_id"]),
                ("portal_request", "=", request_key),
            ],
            limit=1,
        )
        if present:
            return present, False
        try:
            with self.env.cr.savepoint():
                case = self._intake(
                    [{**vals, "portal_request": request_key}], channel="portal"
                )
                case._portal_attach(files)
        except UniqueViolation as error:
            if error.diag.constraint_name != REQUEST_INDEX:
                raise
            # The other was through between this one's beginning and its turn.
            raise ConcurrencyError("complaint was sent twice") from error
        return case, True

    def _portal_attach(self, files):
        """Keep files of the customer with the complaint, so that they cannot run.

        HTML and SVG become plain text, whoever the environment's user is.
        """
        self.ensure_one()
        # sudo: customers may not create attachments on records by themselves.
        return (
            self.env["ir.attachment"]
            .sudo()
            .with_context(attachments_mime_plainxml=True)
            .create(
                [
                    {
                        "name": file["name"],
                        "raw": file["raw"],
                        "res_model": self._name,
                        "res_id": self.id,
                    }
                    for file in files
                ]
            )
        )
