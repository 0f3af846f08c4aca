from datetime import timedelta

from odoo import models

#: How often documents of apps that may not be installed are looked at.
INTERVAL = timedelta(days=1)
#: What makes the documents that are looked at.
FOLLOWED = ("return", "repair", "coupon")
#: Documents that nothing happens to any more.
FINAL = ("done",)


class ComplaintRemedy(models.Model):
    """Returns, repairs and coupons are looked at once a day until they are done or used
    up: Odoo tells of documents only to modules that depend on their app (E2)."""

    _name = "complaint.remedy"
    _inherit = ["complaint.remedy", "complaint.due.mixin"]

    def _executed(self, document):
        result = super()._executed(document)
        if document is not None and self.makes in FOLLOWED:
            self.sudo().next_event_at = self.executed_at + INTERVAL  # sudo: scheduled
        return result

    def _process_event(self, now):
        """Look whether the document was cancelled, deleted or is done."""
        self.ensure_one()
        # sudo: nobody's hand writes what follows from the document.
        remedy, document = self.sudo(), self._document()
        remedy.next_event_at = False
        if remedy.state != "executed":
            return
        if remedy.makes == "coupon":
            remedy.next_event_at = remedy._follow_coupon(document) and now + INTERVAL
        elif not document or document.state == "cancel":
            remedy._document_undone()
        elif document.state in FINAL:
            remedy.cost = remedy._cost_of(document)
        else:
            remedy.next_event_at = now + INTERVAL
