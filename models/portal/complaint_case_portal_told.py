from odoo import models
from odoo.tools import human_size

from ..words import label


class ComplaintCase(models.Model):
    """What the customer told and handed in, and what was found on it (A2, D3, E4).

    Plain values for the page, as all that the portal prints (see _portal_page).
    """

    _inherit = "complaint.case"

    def _portal_points(self):
        """What the customer complains of, in the words given, with the product.

        Allegations that staff put down for themselves are not among them.
        """
        told = self._portal_told()
        return [
            {
                "words": allegation.customer_words,
                "product": allegation.product_id.display_name or "",
            }
            for allegation in told
        ]

    def _portal_told(self):
        case = self.with_context(display_default_code=False)
        return case.allegation_ids.filtered("customer_words")

    def _portal_products(self):
        """The products that it is about, in one line."""
        case = self.with_context(display_default_code=False)
        products = self._portal_told().product_id or case.product_id
        return ", ".join(products.mapped("display_name"))

    def _portal_findings(self):
        """What we found on each allegation, as the letter tells it."""
        if not self._portal_is_answered() or self.outcome == "refused":
            return []
        return self._letter_allegations()

    def _portal_files(self, is_shown=lambda file: file.create_uid.share):
        """Files that the customer handed in, with a link for a limited time.

        What staff attach for themselves is not among them.

        :param is_shown: tells whether a file is listed
        """
        # In this order with the superuser: the author of a file may be the public user.
        files = self.env["ir.attachment"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("res_field", "=", False),
            ],
            order="id",
        )
        return [
            {
                "name": file.name,
                "shows": file.description or "",
                "when": self._portal_when(file.create_date),
                "size": human_size(file.file_size),
                "url": f"/web/content/{file.id}?download=true"
                f"&access_token={file._get_raw_access_token()}",
            }
            for file in files
            if is_shown(file)
        ]

    def _portal_evidence(self):
        """Accepted evidence that the customer is shown, with links that expire."""
        pieces = self.evidence_ids.filtered(
            lambda piece: piece.is_customer_visible and piece.state == "accepted"
        )
        return [
            {
                "reference": piece.name,
                "title": piece.title,
                "kind": label(piece, "kind"),
                "when": self._portal_when(piece.collected_at),
                "files": [
                    {
                        "name": row.name,
                        "size": human_size(row.size),
                        "url": f"/web/content/{row.attachment_id.id}?download=true"
                        f"&access_token={row.attachment_id._get_raw_access_token()}",
                    }
                    for row in piece._files_in_force()
                ],
            }
            for piece in pieces
        ]

    def _portal_options(self):
        """What the customer may do now besides writing and reacting to an answer (D4).

        :return: names of the items of the page's list; an override may add its own
        """
        return ["withdraw"] if self._customer_may_withdraw() else []
