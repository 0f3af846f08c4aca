from odoo import models

CASES = "complaint.case"


class MailFollowers(models.Model):
    _inherit = "mail.followers"

    def _insert_followers(self, res_model, res_ids, partner_ids, *args, **kwargs):
        """Who is involved in a complaint cannot follow it, whoever adds them."""
        result = super()._insert_followers(
            res_model, res_ids, partner_ids, *args, **kwargs
        )
        if res_model == CASES and res_ids and partner_ids:
            # sudo: whoever adds followers may not see who is involved.
            self.sudo()._drop_involved(res_ids)
        return result

    def _drop_involved(self, case_ids):
        # Of new complaints this is in the cache: no query for each that is created.
        for case in self.env[CASES].browse(case_ids):
            partners = case.involved_user_ids.partner_id
            if partners:
                self.search(
                    [
                        ("res_model", "=", CASES),
                        ("res_id", "=", case.id),
                        ("partner_id", "in", partners.ids),
                    ]
                ).unlink()
