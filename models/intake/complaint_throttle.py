import ipaddress
from contextlib import contextmanager
from datetime import UTC, timedelta

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.http import request
from odoo.tools import SQL, hmac

#: How often a count is tried again when another connection counts at the same time.
#: Whoever loses that often in a row is one of a flood.
MAX_TRIES = 20
#: Rows deleted in one go by the daily clean-up.
VACUUM_ROWS = 10000
#: Providers hand out whole networks of this size: one house is one address.
IPV6_PREFIX = 64


class ComplaintThrottle(models.Model):
    """How often something was tried lately: brakes whoever tries too often (A1).

    One row per scope, key and window of time. Keys (network addresses, e-mail
    addresses, numbers) are kept as keyed hashes, which say nothing about them. What is
    counted stays counted when the request fails, as it is written by a connection of
    its own, and all nodes count in the same table.
    """

    _name = "complaint.throttle"
    _description = "Throttle"
    _log_access = False

    scope = fields.Char(required=True)
    key_hash = fields.Char(required=True)
    seconds = fields.Integer(required=True, help="Length of the window.")
    started_at = fields.Datetime(required=True, help="When the window began (UTC).")
    expires_at = fields.Datetime(
        required=True, index=True, help="From when on nobody needs the row (UTC)."
    )
    hits = fields.Integer(required=True, help="Attempts that were let through.")

    _window_unique = models.UniqueIndex("(scope, key_hash, seconds, started_at)")

    # Counting ------------------------------------------------------------------------

    @api.model
    def _hit(self, scope, key, *, limit, seconds):
        """Count an attempt, and say whether it is within the limit.

        Over any span of the given length about ``limit`` attempts are let through:
        what the window before this one counted is held against it in proportion.
        Attempts that were turned away do not count, so that somebody who keeps trying
        gets through at the pace of the limit, and nobody is locked out for good.

        A request counts once for each scope and key, also when the database asks for
        it to be run again. Must not be called from a read-only route.

        :param str scope: what is tried, such as ``guest:address``
        :param str key: who tries it or on what; never stored
        :param int limit: attempts let through; 0 for no limit
        :param int seconds: within how many seconds
        :return: whether the attempt is within the limit
        """
        if limit <= 0:
            return True
        # sudo: the key of the hash is nobody's to read.
        key_hash = hmac(self.env(su=True), f"complaint.throttle:{scope}", str(key))
        counted = self._counted_in_request()
        what = (scope, key_hash, seconds)
        if what not in counted:
            counted[what] = self._count(scope, key_hash, limit, seconds)
        return counted[what]

    @api.model
    def _counted_in_request(self):
        """What the present request has counted already, with the verdict."""
        if not request:
            return {}
        if not hasattr(request, "complaint_throttle"):
            request.complaint_throttle = {}
        return request.complaint_throttle

    @api.model
    def _count(self, scope, key_hash, limit, seconds):
        query = self._count_query(scope, key_hash, limit, seconds)
        for _try in range(MAX_TRIES):
            try:
                with self._own_cursor() as cr:
                    cr.execute(query, log_exceptions=False)
                    return bool(cr.fetchone())
            except SerializationFailure:
                # Somebody else counted in the meantime.
                continue
        return False

    @api.model
    def _count_query(self, scope, key_hash, limit, seconds):
        """Count one more if the limit allows it; a row comes back if it was counted."""
        now = fields.Datetime.now()
        elapsed = int(now.replace(tzinfo=UTC).timestamp()) % seconds
        started_at = now.replace(microsecond=0) - timedelta(seconds=elapsed)
        span = timedelta(seconds=seconds)
        before = SQL(
            """COALESCE((
                SELECT hits FROM complaint_throttle
                 WHERE scope = %s AND key_hash = %s AND seconds = %s
                   AND started_at = %s
            ), 0) * %s""",
            scope,
            key_hash,
            seconds,
            started_at - span,
            1 - elapsed / seconds,
        )
        return SQL(
            """
            INSERT INTO complaint_throttle AS t
                   (scope, key_hash, seconds, started_at, expires_at, hits)
            SELECT %(scope)s, %(key)s, %(seconds)s, %(start)s, %(end)s, 1
             WHERE 1 + %(before)s <= %(limit)s
            ON CONFLICT (scope, key_hash, seconds, started_at)
                DO UPDATE SET hits = t.hits + 1
                WHERE t.hits + 1 + %(before)s <= %(limit)s
            RETURNING hits
            """,
            scope=scope,
            key=key_hash,
            seconds=seconds,
            start=started_at,
            end=started_at + 2 * span,
            before=before,
            limit=limit,
        )

    @contextmanager
    def _own_cursor(self):
        """A connection whose work stays whatever becomes of the request."""
        with self.env.registry.cursor() as cr:
            yield cr

    # Keys ----------------------------------------------------------------------------

    @api.model
    def _request_address(self):
        """The network address that the present request comes from.

        Behind a proxy that is the visitor's only with Odoo's ``proxy_mode``.
        """
        return self._address_key(request.httprequest.remote_addr)

    @api.model
    def _address_key(self, address):
        """One key for all addresses of one visitor.

        >>> _address_key("2001:db8::1") == _address_key("2001:db8::ffff")
        """
        try:
            parsed = ipaddress.ip_address(address or "")
        except ValueError:
            return address or ""
        if parsed.version == 6 and parsed.ipv4_mapped:
            parsed = parsed.ipv4_mapped
        if parsed.version == 4:
            return str(parsed)
        return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))

    # Cleaning up ---------------------------------------------------------------------

    @api.autovacuum
    def _gc_windows(self):
        """Delete what nobody needs any more; return (deleted, left over)."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM complaint_throttle WHERE id IN (
                    SELECT id FROM complaint_throttle WHERE expires_at < %s
                    LIMIT %s FOR UPDATE SKIP LOCKED
                )
                """,
                fields.Datetime.now(),
                VACUUM_ROWS,
            )
        )
        deleted = self.env.cr.rowcount
        return deleted, int(deleted == VACUUM_ROWS)
