from odoo import api, models
from odoo.tools import is_html_empty


class ComplaintCase(models.Model):
    """Ready answers, checklists and lessons offered on a complaint (G3, I2)."""

    _inherit = "complaint.case"

    @api.readonly
    def get_guides(self):
        """Guides that fit the complaint, the most fitting first, with their text.

        A fixed number of queries, whatever the number of guides.

        :return: list of dict of plain values: id, name, kind, why, html, missing
        :raise AccessError: unless the user works on complaints and may read this one
        """
        self.ensure_one()
        self.env["complaint.guide"].check_access("read")
        self.check_access("read")
        kinds = dict(
            self.env["complaint.guide"]._fields["kind"]._description_selection(self.env)
        )
        return [
            {
                "id": guide.id,
                "name": guide.name,
                "kind": guide.kind,
                "kind_label": kinds[guide.kind],
                "why": ", ".join(why),
                "html": guide._render_for(self)[self],
                "missing": ", ".join(guide._missing_words(self)[self]),
            }
            for guide, why in self.env["complaint.guide"]._offer(self)
            if not is_html_empty(guide.body)
        ]

    def use_guide(self, guide_id):
        """Note that a guide was put into the answer of this complaint."""
        self.ensure_one()
        self.check_access("write")
        guide = self.env["complaint.guide"].browse(guide_id).exists()
        guide.check_access("read")
        guide._used_on(self)
        return True

    def action_write_with_guide(self, guide_id):
        """Open a message to the customer with the text of a guide in it."""
        self.use_guide(guide_id)
        guide = self.env["complaint.guide"].browse(guide_id)
        return self._compose_action(default_body=guide._render_for(self)[self])
