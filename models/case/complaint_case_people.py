from odoo import models


class ComplaintCase(models.Model):
    """Who may have a complaint in hand (H1); whom to turn to is known to the mixin."""

    _inherit = "complaint.case"

    def _handled_by(self, person):
        """Those of the cases that a person may become the handler of."""
        if not self.with_user(person).browse().has_access("write"):
            return self.browse()
        return self.filtered(
            lambda case: (
                case.company_id in person.company_ids
                and (
                    not case.is_confidential
                    or person in (case.user_id | case.confidential_user_ids)
                )
            )
        )
