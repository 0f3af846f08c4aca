import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: Records worked on between two commits.
BATCH_SIZE = 200
#: How often a run starts over because others changed the same rows meanwhile.
MAX_CONFLICTS = 5
#: A record that fails is tried again after 5, 10, 20 ... minutes, at least daily.
RETRY_FIRST = timedelta(minutes=5)
RETRY_LONGEST = timedelta(days=1)
#: Characters kept of an error message.
ERROR_LENGTH = 2000


class ComplaintDueMixin(models.AbstractModel):
    """Something that falls due at a known time (design rule 3).

    A model that inherits this stores in ``next_event_at`` when it wants attention
    and implements :meth:`_process_event`. The scheduled action then costs what is
    due, not what is open: with nothing due it reads one index.
    """

    _name = "complaint.due.mixin"
    _description = "Complaint: something that falls due"

    #: Records between two commits where BATCH_SIZE is too many: those that wait for
    #: other computers.
    _due_at_once = None

    next_event_at = fields.Datetime(
        string="Next Event",
        index="btree_not_null",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="When the scheduled action looks at this next.",
    )
    event_failures = fields.Integer(
        string="Failed Attempts",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="How many times in a row the scheduled action failed here.",
    )
    event_error = fields.Text(
        string="Last Error",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="Why the scheduled action failed here. It tries again by itself.",
    )

    # What a model implements ------------------------------------------------------

    def _process_event(self, now):
        """Do what is due for one record, and advance or clear ``next_event_at``.

        May run more than once for the same event when the transaction is rolled back:
        whatever cannot be rolled back goes through the mail queue or ``postcommit``.

        :param datetime now: UTC; what is due at this moment is done
        :raise Exception: anything; the record is then put aside and tried later
        """
        raise NotImplementedError

    def _process_events(self, now):
        """Do what is due for many records; override it where they can share work."""
        for record in self:
            record._process_event(now)

    # The scheduled action ---------------------------------------------------------

    @api.model
    def _cron_process_due(self):
        """Work off everything that is due (C5), in batches that are committed.

        Safe to run twice, late, killed in the middle or in two processes at once:
        rows are locked, what others hold is skipped, and what is done is recorded in
        the same transaction as its effect. One record that fails does not stop the
        others; it is tried again later.

        :raise Exception: the last failure, after everything else is done, so that
            administrators see the job failing
        """
        commit_progress = self.env["ir.cron"]._commit_progress
        total, conflicts, failure = 0, 0, None
        seconds_left = True
        while seconds_left and conflicts < MAX_CONFLICTS:
            now = fields.Datetime.now()
            try:
                due, more = self._due_lock(now)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                # Somebody changed a row since this transaction began: look afresh.
                self.env.cr.rollback()
                conflicts += 1
                continue
            if not due:
                break
            done, conflict, error = due._due_process(now)
            total += done
            conflicts += conflict
            failure = error or failure
            seconds_left = commit_progress(done, remaining=int(more or conflict))
        if failure:
            if total:
                # Work was done: have the scheduler look again instead of counting the
                # whole job as failed, which would switch it off after a week.
                commit_progress(remaining=1)
            raise failure

    @api.model
    def _due_lock(self, now):
        """Lock the records that are due, earliest first, passing over locked ones.

        Search and lock are one statement, so nothing changes between the two.

        :return: the records, and whether there are more of them
        """
        size = self._due_at_once or BATCH_SIZE
        query = self._search(
            [("next_event_at", "<=", now)],
            order="next_event_at, id",
            limit=size + 1,
        )
        rows = self.env.execute_query(
            SQL("%s FOR NO KEY UPDATE SKIP LOCKED", query.select())
        )
        due = self.browse(row[0] for row in rows)
        return due[:size], len(due) > size

    def _due_process(self, now):
        """Process together; if that fails, in parts to find the record at fault.

        :return: how many were done, whether some were left because other
            transactions changed the same rows, and the last error if any
        """
        try:
            self._due_attempt(now)
            return len(self), False, None
        except Exception as error:
            if len(self) == 1:
                return 0, *self._due_failed(now, error)
        done, conflict, last_error = 0, False, None
        for part in self._due_parts():
            part_done, part_conflict, error = part._due_process(now)
            done += part_done
            conflict |= part_conflict
            last_error = error or last_error
        return done, conflict, last_error

    def _due_parts(self):
        """How a batch that failed is divided to find what is at fault: one by one.

        :return: list of recordsets, each smaller than ``self``, together all of it
        """
        return list(self)

    def _due_attempt(self, now):
        """Process in a savepoint, which leaves nothing behind when it fails."""
        with self.env.cr.savepoint():
            self._process_events(now)
            stuck = self.exists().filtered(
                lambda record: record.next_event_at and record.next_event_at <= now
            )
            if stuck:
                # Without this the job would find it due for ever.
                raise UserError(
                    self.env._(
                        "%(record)s did not advance to its next event.",
                        record=stuck[0].display_name,
                    )
                )
            self.exists().filtered("event_failures").write(
                {"event_failures": 0, "event_error": False}
            )

    def _due_failed(self, now, error):
        """Put a record aside after a failure.

        :return: whether it was but a conflict with another transaction (then nothing
            is noted, the record stays due), and the error otherwise
        """
        self.ensure_one()
        if isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
            return True, None
        _logger.warning("%s: what is due failed", self, exc_info=error)
        failures = self.event_failures + 1
        wait = min(RETRY_FIRST * 2 ** min(failures - 1, 20), RETRY_LONGEST)
        self.write(
            {
                "event_failures": failures,
                "event_error": (str(error) or repr(error))[:ERROR_LENGTH],
                "next_event_at": now + wait,
            }
        )
        return False, error
