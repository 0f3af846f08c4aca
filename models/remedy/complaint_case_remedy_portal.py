from odoo import models
from odoo.exceptions import UserError


class ComplaintCase(models.Model):
    """What the customer sees of remedies, and says to an offer (E1)."""

    _inherit = "complaint.case"

    def _portal_page(self, links=True, is_complainant=False):
        page = super()._portal_page(links, is_complainant)
        return page | {"remedies": self._portal_remedies()}

    def _portal_remedies(self):
        """Remedies as the customer is told of them, in plain values."""
        words = {
            "approved": self.env._("We prepare it"),
            "offered": self.env._("Please decide"),
            "accepted": self.env._("You accepted"),
            "declined": self.env._("You declined"),
            "failed": self.env._("We prepare it"),
        }
        rows = []
        # sudo: what the customer is told, nothing else.
        for one in self.sudo().remedy_ids:
            if one.state == "executed":
                state, is_done = one._customer_progress()
            elif one.state in words:
                state, is_done = words[one.state], False
            else:
                continue
            if one.state == "approved" and self.phase not in ("answered", "closed"):
                continue
            rows.append(
                {
                    "id": one.id,
                    "what": one.display_name,
                    "note": (one.note or "").strip(),
                    "state": state,
                    "is_offer": one.state == "offered",
                    "is_done": is_done,
                }
            )
        return rows

    def _customer_decide_remedy(self, remedy_id, decision, reason="", author=None):
        """The customer accepts or declines an offer.

        Called by the portal after it has checked that the case is the customer's.

        :param int remedy_id: of this complaint
        :param str decision: accept or decline; nothing else is taken for either
        :param str reason: plain text, why it is declined
        :raise UserError: when it is no offer (any more), or nothing was decided
        """
        self.ensure_one()
        if decision not in ("accept", "decline"):
            raise UserError(
                self.env._("Please say whether you accept the offer or decline it.")
            )
        # sudo: offers of the customer's own complaint.
        remedy = self.sudo().remedy_ids.filtered(lambda one: one.id == remedy_id)
        if not remedy:
            remedy._refuse_decision()
        author = self.env.user.partner_id if author is None else author
        remedy._customer_decides(decision == "accept", reason)
        what = remedy._decision()
        # sudo: what the customer says is noted in the complaint.
        self.sudo()._message_log(body=what, **self._customer_as_author(author))
        self.sudo()._alert_handler(what, note=remedy.customer_reason or None)
