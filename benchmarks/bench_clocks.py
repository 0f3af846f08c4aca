"""The clocks inside Odoo, beside a bare mail.thread model with the same fields.

Run by `./dev bench clocks` on a database of its own; see README.md for the bars.
"""

import statistics
import time
from datetime import timedelta

import bare_model
from measuring import Report, machine, measure, side_by_side

from odoo import SUPERUSER_ID, api, fields
from odoo.tools import SQL

ROUNDS = 5
BATCH = 500
CLOCKS = 5
MOVED = 80
OPEN = (1_000, 10_000, 100_000)
TICKS = 60
DUE = 1_000

MOST_TIME = 2.0
MOST_QUERIES = 4.0
MOST_TIME_MOVED = 2.5
MOST_TICK_QUERIES = 5
LEAST_DUE = 100
#: A tick takes the same time when it takes at most this much more.
TICK_RATIO, TICK_SLACK = 1.5, 0.001

#: Models that the scheduled actions look at; the clocks come first.
TICKING = (
    "complaint.sla.clock",
    "complaint.pause",
    "complaint.notice",
    "complaint.feedback",
    "complaint.case",
)


def bench(env):
    """Measure everything; return 1 when a bar is missed."""
    machine(env)
    setting = Setting(env)
    report = Report()
    creating(setting, report)
    for phase in ("accepted", "investigating"):
        moving(setting, report, phase)
    ticking(setting, report)
    due(setting, report, "warnings", "warned", timedelta(hours=19))
    due(setting, report, "limits passed, with their ladder", "breached", timedelta(9))
    print()
    machine(env)
    return int(report.missed)


class Setting:
    """A company at work: a team of handlers, customers, the shipped policies."""

    def __init__(self, env):
        self.env = env
        users = env["res.users"].with_context(no_reset_password=True)
        group = env.ref("complaint_management.group_handler")
        names = ["Leader", *(f"Handler {number}" for number in range(10))]
        people = users.create(
            [
                {
                    "name": name,
                    "login": name.lower().replace(" ", "-"),
                    "email": f"{name.lower().replace(' ', '-')}@staff.example.com",
                    "group_ids": [(4, group.id)],
                }
                for name in names
            ]
        )
        self.leader, self.handlers = people[0], people[1:]
        self.leader.group_ids = [(4, env.ref("complaint_management.group_manager").id)]
        self.team = env["complaint.team"].create(
            {
                "name": "Bench",
                "user_id": self.leader.id,
                "member_ids": people.ids,
            }
        )
        self.customers = env["res.partner"].create(
            [
                {"name": f"Customer {number}", "email": f"c{number}@example.com"}
                for number in range(BATCH)
            ]
        )
        self.category = env.ref("complaint_management.category_quality_defect")
        env.cr.commit()
        bare_model.install(env)
        # As the leader, who has all rights in complaints but is no superuser.
        self.cases = env["complaint.case"].with_user(self.leader)
        self.bare = env[bare_model.NAME].with_user(self.leader)
        self.children = env[bare_model.CHILD].with_user(self.leader)
        self.bare_values, self.child_values = self._bare_values()

    def values(self, number, **values):
        """Values of new complaints, of a nature that has five limits."""
        return [
            {
                "subject": f"The kettle leaks {index}",
                "description": "<p>Water everywhere, since the first day.</p>",
                "demand": "A new one",
                "partner_id": self.customers[index % BATCH].id,
                "team_id": self.team.id,
                "category_id": self.category.id,
                "nature": "major",
                **values,
            }
            for index in range(number)
        ]

    def _bare_values(self):
        case = self.cases.create(self.values(1))
        if len(case.clock_ids) != CLOCKS:
            raise AssertionError("The shipped policy has no five limits any more.")
        case.flush_recordset()
        values = bare_model.values_of(case)
        children = [bare_model.values_of(clock) for clock in case.clock_ids]
        self.env.cr.rollback()
        return values, children

    def bare_rows(self, number, **values):
        """The same for the bare model, with all that complaints end up with."""
        return [
            self.bare_values | row | {"name": f"BARE/{index}"}
            for index, row in enumerate(self.values(number, **values))
        ]

    def bare_family(self, number):
        """Bare records with as many plain rows as there are clocks."""
        rows = self.bare.create(self.bare_rows(number))
        self.children.create(
            [
                values | {"case_id": row.id}
                for row in rows
                for values in self.child_values
            ]
        )


def creating(setting, report):
    """Batches of complaints with five clocks each."""

    def ours():
        setting.cases.create(setting.values(BATCH))

    name = f"{BATCH} complaints with {CLOCKS} clocks each"
    measured, bare, ratio = side_by_side(
        setting.env,
        ours,
        lambda: setting.bare.create(setting.bare_rows(BATCH)),
        ROUNDS,
    )
    compare(report, f"{name}, created", measured, bare, ratio, MOST_TIME)
    report.line(
        f"{name}: queries for each complaint",
        f"{measured.queries / BATCH:.2f} (bare {bare.queries / BATCH:.2f})",
        f"{MOST_QUERIES:g}",
        measured.queries / BATCH <= MOST_QUERIES,
    )
    measured, bare, ratio = side_by_side(
        setting.env, ours, lambda: setting.bare_family(BATCH), ROUNDS
    )
    compare(
        report, f"the same beside {CLOCKS} plain rows each", measured, bare, ratio, None
    )


def moving(setting, report, phase):
    """Complaints with a handler, moved together to the stage of another phase."""
    handler = setting.handlers[0]
    stage = setting.cases.env["complaint.stage"]._by_phase()[phase]
    cases = setting.cases.create(setting.values(MOVED, user_id=handler.id))
    rows = setting.bare.create(setting.bare_rows(MOVED, user_id=handler.id))
    setting.env.cr.commit()
    name = f"{MOVED} complaints moved to “{stage.name}”"
    for rows_moved, told, bar in (
        (rows, "", MOST_TIME_MOVED),
        (
            rows.with_context(bench_no_subtype=True),
            ", bare model without a subtype",
            None,
        ),
    ):
        ours, bare, ratio = side_by_side(
            setting.env,
            lambda: cases.write({"stage_id": stage.id}),
            lambda rows=rows_moved: rows.write({"stage_id": stage.id}),
            ROUNDS,
        )
        compare(report, name + told, ours, bare, ratio, bar)


def compare(report, name, ours, bare, ratio, bar):
    report.line(
        name,
        f"{ratio:.2f}x ({ours.seconds:.2f} s, bare {bare.seconds:.2f} s; "
        f"{ours.queries} queries, bare {bare.queries})",
        f"{bar:g}x" if bar else "",
        not bar or ratio <= bar,
    )


def ticking(setting, report):
    """The scheduled actions with nothing due, among more and more open complaints."""
    seed = setting.cases.create(setting.values(1))
    setting.env.cr.commit()
    medians = []
    for number in OPEN:
        fill(setting.env, seed, number)
        found = [tick(setting.env, TICKING[0]) for _ in range(TICKS)]
        medians.append(statistics.median(item.seconds for item in found))
        queries = max(item.queries for item in found)
        every = [tick(setting.env, model) for model in TICKING]
        report.line(
            f"tick with nothing due, {number:,} open complaints",
            f"{queries} queries, {medians[-1] * 1000:.2f} ms (all "
            f"{len(TICKING)} jobs: {sum(item.queries for item in every)} queries)",
            f"{MOST_TICK_QUERIES} queries",
            queries <= MOST_TICK_QUERIES,
        )
    report.line(
        f"the same time at {OPEN[0]:,} and {OPEN[-1]:,}",
        f"{medians[-1] / medians[0]:.2f}x, {(medians[-1] - medians[0]) * 1000:+.2f} ms",
        f"{TICK_RATIO:g}x or {TICK_SLACK * 1000:g} ms",
        medians[-1] <= max(medians[0] * TICK_RATIO, medians[0] + TICK_SLACK),
    )


def tick(env, model):
    """Run a scheduled action's work in a transaction of its own, as Odoo does."""
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {})
        return measure(own, own[model]._cron_process_due)


def fill(env, seed, number):
    """Copy one complaint and its clocks in the database until so many are open."""
    env.cr.execute(
        "SELECT count(*), max(id) FROM complaint_case WHERE phase <> 'closed'"
    )
    present, last = env.cr.fetchone()
    copy_rows(
        env,
        "complaint_case",
        {"name": SQL("'BENCH/' || copy.number")},
        SQL(
            "complaint_case row, generate_series(%s, %s) copy(number) "
            "WHERE row.id = %s",
            present + 1,
            number,
            seed.id,
        ),
    )
    copy_rows(
        env,
        "complaint_sla_clock",
        {
            "case_id": SQL("other.id"),
            # Spread over weeks to come, as they are in life.
            "next_event_at": SQL(
                "row.next_event_at + mod(other.id, 30000) * interval '1 minute'"
            ),
        },
        SQL(
            "complaint_sla_clock row, complaint_case other "
            "WHERE row.case_id = %s AND other.id > %s",
            seed.id,
            last,
        ),
    )
    env.cr.commit()
    env.cr.execute("ANALYZE complaint_case, complaint_sla_clock")
    env.cr.commit()


def copy_rows(env, table, changed, source):
    """Insert copies of rows, all columns but the key and those changed as they are."""
    env.cr.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass "
        "AND attnum > 0 AND NOT attisdropped AND attname <> 'id'",
        [table],
    )
    names = [name for (name,) in env.cr.fetchall()]
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, names)),
            SQL(", ").join(
                changed.get(name) or SQL.identifier("row", name) for name in names
            ),
            source,
        )
    )


def due(setting, report, name, kind, age):
    """Work off what is due on complaints received so long ago."""
    env = setting.env
    received = fields.Datetime.now() - age
    cases = env["complaint.case"]
    for handler in setting.handlers:
        cases |= setting.cases.create(
            setting.values(
                DUE // len(setting.handlers),
                user_id=handler.id,
                date_received=received,
            )
        )
    env.cr.commit()
    begin = time.perf_counter()
    tick(env, TICKING[0])
    seconds = time.perf_counter() - begin
    env.invalidate_all()
    lines = env["complaint.sla.event"]._read_group(
        [("case_id", "in", cases.ids)], ["kind"], ["__count"]
    )
    counts = dict(lines)
    report.line(
        f"due: {name}",
        f"{counts.get(kind, 0) / seconds:.0f} a second ({counts.get(kind, 0)} on "
        f"{DUE} complaints and {counts.get('escalated', 0)} escalations in "
        f"{seconds:.1f} s)",
        f"{LEAST_DUE} a second",
        counts.get(kind, 0) / seconds >= LEAST_DUE,
    )
