from odoo import models
from odoo.tools import SQL

CASES = "complaint.case"


class MailFollowers(models.Model):
    _inherit = "mail.followers"

    def _insert_followers(self, res_model, res_ids, partner_ids, *args, **kwargs):
        """Who is involved in a complaint cannot follow it, whoever adds them."""
        result = super()._insert_followers(
            res_model, res_ids, partner_ids, *args, **kwargs
        )
        if res_model == CASES and res_ids and partner_ids:
            self._drop_involved(res_ids, partner_ids)
        return result

    def _drop_involved(self, case_ids, partner_ids):
        self.env[CASES].flush_model(["involved_user_ids"])
        self.flush_model(["res_model", "res_id", "partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT follower.id
                  FROM complaint_case_involved_rel involved
                  JOIN res_users person ON person.id = involved.user_id
                  JOIN mail_followers follower
                    ON follower.res_model = %s
                   AND follower.res_id = involved.case_id
                   AND follower.partner_id = person.partner_id
                 WHERE involved.case_id = ANY(%s)
                   AND person.partner_id = ANY(%s)
                """,
                CASES,
                list(case_ids),
                list(partner_ids),
            )
        )
        # sudo: followers are not written by hand.
        self.sudo().browse(row[0] for row in rows).unlink()
