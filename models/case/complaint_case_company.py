from odoo import models


class ComplaintCase(models.Model):
    """What a complaint names belongs to its company, or to all of them."""

    _inherit = "complaint.case"

    def _check_company(self, fnames=None):
        """Odoo evaluates a domain for each record and field: ask it only about those
        where a company differs. It then decides, and says what is wrong."""
        names = [
            field.name
            for field in self._fields.values()
            if field.relational and field.check_company
        ]
        # sudo: who registers a complaint need not be allowed to read all it names.
        doubtful = self.sudo().filtered(
            lambda case: any(case[name].company_id - case.company_id for name in names)
        )
        return super(ComplaintCase, self.browse(doubtful.ids))._check_company(fnames)
