from odoo import models


class ComplaintCase(models.Model):
    """What customers see of a complaint that is handled together with another (A7)."""

    _inherit = "complaint.case"

    def _portal_closed_words(self):
        label, text = super()._portal_closed_words()
        target = self._merge_target()
        if target != self:
            text = self.env._(
                "We handle it together with complaint %(number)s.",
                # sudo: the number only, of a complaint of the same customer.
                number=target.sudo().name,
            )
        return label, text
