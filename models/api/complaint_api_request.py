from odoo import api, fields, models
from odoo.tools import SQL

from .errors import ApiError


class ComplaintApiRequest(models.Model):
    """What other software handed in: its own number, and the complaint it became.

    Written by :class:`ComplaintApi` only. A row is claimed before anything is done, so
    that of two equal requests at once one waits for the other (A1, A7).
    """

    _name = "complaint.api.request"
    _description = "Request of Other Software"
    _order = "id"
    _rec_name = "key"

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Software",
        required=True,
        readonly=True,
        ondelete="restrict",
        help="The technical user whose key was used.",
    )
    kind = fields.Selection(
        selection=[("submit", "Complaint"), ("message", "Message")],
        required=True,
        readonly=True,
    )
    key = fields.Char(
        string="Number in the other software", required=True, readonly=True, index=True
    )
    content_hash = fields.Char(
        required=True, readonly=True, groups=fields.NO_ACCESS, help="Of what was sent."
    )
    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        readonly=True,
        index=True,
        ondelete="cascade",
    )

    _once = models.UniqueIndex("(user_id, kind, key)")

    @api.depends("user_id", "key")
    def _compute_display_name(self):
        for request in self:
            # sudo: the name of the software is no secret to who sees the complaint.
            request.display_name = f"{request.user_id.sudo().name}: {request.key}"

    @api.model
    def _claim(self, user, kind, key, content_hash):
        """Take a request on, once.

        Of two at the same time the database lets the second wait; when the first is
        through, Odoo runs the second again, which then finds the row.

        :param user: who sends
        :param str kind: submit or message
        :param str key: the sender's own number of it
        :param str content_hash: fingerprint of what was sent
        :return: (row, whether it is new)
        :raise ApiError: the number was used for something else
        """
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO complaint_api_request
                    (user_id, kind, key, content_hash,
                     create_uid, create_date, write_uid, write_date)
                VALUES (%(user)s, %(kind)s, %(key)s, %(hash)s,
                        %(user)s, %(now)s, %(user)s, %(now)s)
                ON CONFLICT (user_id, kind, key) DO NOTHING
                RETURNING id
                """,
                user=user.id,
                kind=kind,
                key=key,
                hash=content_hash,
                now=fields.Datetime.now(),
            )
        )
        if rows:
            return self.browse(rows[0][0]), True
        present = self.search(
            [("user_id", "=", user.id), ("kind", "=", kind), ("key", "=", key)]
        )
        if present.content_hash != content_hash:
            raise ApiError(
                "conflict",
                self.env._(
                    "“%(key)s” was sent before with other content. Use another number "
                    "for another matter; add to a complaint with a message.",
                    key=key,
                ),
                "reference" if kind == "submit" else "key",
                status=409,
            )
        return present, False
