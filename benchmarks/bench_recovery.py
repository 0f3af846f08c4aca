"""Service recovery: 100,000 complaints beside 1,000,000 orders of a line each, every
fourth of them invoiced and every fortieth credited.

Run by `./dev bench recovery` on a database of its own; see README.md for the bars.
"""

import statistics

from measuring import Report, machine, measure

from odoo.tools import SQL

CASES = 100_000
ORDERS = 1_000_000
CUSTOMERS = 50_000
DAYS = 1_000
INVOICED_EVERY, CREDITED_EVERY = 4, 40
ROUNDS = 5
MOST_PIVOT = 10.0
MOST_ONE = 0.05
INDEX = "sale_order_complaint_recovery_idx"
SHOWN = [
    "bought_again_90:avg",
    "bought_again_180:avg",
    "remedy_cost:sum",
    "revenue_180:sum",
    "net:sum",
    "__count",
]


def bench(env):
    """Measure everything; return 1 when a bar is missed."""
    machine(env)
    report = Report()
    users = env["res.users"].with_context(no_reset_password=True)
    handler, manager = (
        users.create(
            {
                "name": role,
                "login": f"bench_{role}",
                "group_ids": [
                    (4, env.ref(f"complaint_management.group_{role}").id),
                ],
            }
        )
        for role in ("handler", "manager")
    )
    fill(env)
    pivots(env(user=manager), report)
    few(env(user=handler), report)
    explain(env, report)
    without(env(user=manager), report)
    print()
    machine(env)
    return int(report.missed)


def fill(env):
    """Rows made of one seed each: customers, their orders, their complaints."""
    customer = env["res.partner"].create({"name": "Customer"})
    order, invoice, note = sold(env, customer)
    case = env["complaint.case"].create(
        {"subject": "Seed", "partner_id": customer.id, "team_id": False}
    )
    env.flush_all()
    copies(
        env,
        "res_partner",
        customer,
        CUSTOMERS,
        {"id": "%(first)s + n", "commercial_partner_id": "%(first)s + n"},
    )
    someone = f"%(first)s + 1 + floor(random() * {CUSTOMERS})::int"
    first = customer.id
    moment = f"now() AT TIME ZONE 'UTC' - random() * interval '{DAYS} days'"
    copies(
        env,
        "sale_order",
        order,
        ORDERS,
        {
            "id": "%(first)s + n",
            "name": "'B' || n",
            "partner_id": someone.replace("%(first)s", str(first)),
            "date_order": moment,
            "amount_untaxed": "20 + n %% 400",
            "access_token": "NULL",
        },
    )
    copies(
        env,
        "complaint_case",
        case,
        CASES,
        {
            "id": "%(first)s + n",
            "name": "'B' || n",
            "commercial_partner_id": someone.replace("%(first)s", str(first)),
            "date_received": moment,
            "remedy_cost": "n %% 7",
            "access_token": "NULL",
        },
    )
    fill_books(env, order, invoice, note)
    env.cr.commit()
    env.cr._cnx.autocommit = True
    for table in (
        "res_partner",
        "sale_order",
        "sale_order_line",
        "sale_order_line_invoice_rel",
        "account_move",
        "account_move_line",
        "complaint_case",
    ):
        env.cr.execute(SQL("VACUUM ANALYZE %s", SQL.identifier(table)))
    env.cr._cnx.autocommit = False
    env.invalidate_all()


def sold(env, customer):
    """An order of one line, its invoice and the credit note of that."""
    env["account.chart.template"].try_loading("generic_coa", env.company)
    product = env["product.product"].create(
        {"name": "Kettle", "invoice_policy": "order", "taxes_id": False}
    )
    order = env["sale.order"].create(
        {
            "partner_id": customer.id,
            "order_line": [(0, 0, {"product_id": product.id, "price_unit": 20})],
        }
    )
    order.action_confirm()
    invoice = order._create_invoices()
    invoice.action_post()
    note = invoice._reverse_moves()
    note.action_post()
    return order, invoice, note


def fill_books(env, order, invoice, note):
    """Lines of the orders, and of the invoices and credit notes of some of them."""
    env.cr.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if env.cr.fetchone()[0]:
        # They refer to what their seeds refer to: looking it up takes minutes.
        env.cr.execute("SET LOCAL session_replication_role = replica")
    copies(
        env,
        "sale_order_line",
        order.order_line,
        ORDERS,
        {
            "id": "%(first)s + n",
            "order_id": f"{order.id} + n",
            "price_subtotal": "20 + n %% 400",
        },
    )
    moves = max(invoice.id, note.id)
    lines = max((invoice | note).line_ids.ids)
    for move, every in ((note, CREDITED_EVERY), (invoice, INVOICED_EVERY)):
        number = ORDERS // every
        copies(
            env,
            "account_move",
            move,
            number,
            {
                "id": f"{moves} + n",
                "name": f"'{move.move_type}' || n",
                "access_token": "NULL",
            },
        )
        copies(
            env,
            "account_move_line",
            move.invoice_line_ids,
            number,
            {
                "id": f"{lines} + n",
                "move_id": f"{moves} + n",
                "price_subtotal": f"20 + (n * {every}) %% 400",
            },
        )
        env.cr.execute(
            "INSERT INTO sale_order_line_invoice_rel (order_line_id, invoice_line_id)"
            " SELECT %s + n * %s, %s + n FROM generate_series(1, %s) AS n",
            [order.order_line.id, every, lines, number],
        )
        moves += number
        lines += number


def copies(env, table, seed, number, values):
    """Write copies of a row, with some columns calculated from their number ``n``."""
    env.cr.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass "
        "AND attnum > 0 AND NOT attisdropped",
        [table],
    )
    columns = [name for (name,) in env.cr.fetchall()]
    chosen = [values.get(name, f'seed."{name}"') for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    expressions = ", ".join(chosen)
    env.cr.execute(
        f"INSERT INTO {table} ({names}) SELECT {expressions} FROM {table} seed,"
        f" generate_series(1, %(number)s) AS n WHERE seed.id = %(first)s",
        {"first": seed.id, "number": number},
    )


def pivots(env, report):
    """Everything by category, as a manager: all measures, and only the cost."""
    recovery = env["complaint.recovery"]
    for name, domain, aggregates, bar in (
        ("the pivot, all complaints", [], SHOWN, MOST_PIVOT),
        (
            "the pivot, complaints of 90 days",
            [("date_received", ">=", "-90d")],
            SHOWN,
            MOST_PIVOT,
        ),
        ("only the cost of remedies", [], ["remedy_cost:sum"], None),
    ):
        seconds = middle(
            env,
            lambda domain=domain, aggregates=aggregates: recovery.formatted_read_group(
                domain, ["category_id"], aggregates
            ),
        )
        report.line(
            name,
            f"{seconds:.2f} s",
            f"{bar:.0f} s" if bar else "",
            not bar or seconds <= bar,
        )


def few(env, report):
    """What opens with one complaint or customer, as a handler."""
    recovery = env["complaint.recovery"]
    env.cr.execute(
        "SELECT commercial_partner_id FROM complaint_case GROUP BY 1"
        " ORDER BY count(*) DESC, 1 LIMIT 80"
    )
    partners = env["res.partner"].browse(row[0] for row in env.cr.fetchall())
    for name, work in (
        (
            "80 complaints of the list",
            lambda: recovery.search([], limit=80).read(["revenue_180"]),
        ),
        (
            "complaints of one customer",
            lambda: recovery.search(
                [("commercial_partner_id", "=", partners[0].id)]
            ).read(["revenue_180"]),
        ),
        (
            "the sentences about one customer",
            partners[0]._complaint_recovery_lines,
        ),
        (
            "the sentences about 80 customers",
            partners._complaint_recovery_lines,
        ),
    ):
        seconds = middle(env, work)
        report.line(
            name,
            f"{seconds * 1000:.1f} ms",
            f"{MOST_ONE * 1000:.0f} ms" if "one" in name else "",
            "one" not in name or seconds <= MOST_ONE,
        )


def middle(env, work):
    return statistics.median(measure(env, work).seconds for _round in range(ROUNDS))


def explain(env, report):
    """Whether a look at few complaints reads the index and no whole table."""
    query = env["complaint.recovery"]._search([("case_id", "in", [1, 2, 3])])
    env.cr.execute(SQL("EXPLAIN (ANALYZE) %s", query.select("revenue_180")))
    plan = "\n".join(line for (line,) in env.cr.fetchall())
    scans = sum(
        plan.count(f"Seq Scan on {table}")
        for table in ("sale_order", "account_move", "complaint_case")
    )
    report.line(
        "EXPLAIN, few complaints: the index is used, large tables are read through",
        f"{'yes' if INDEX in plan else 'no'}, {scans}",
        "yes, 0",
        INDEX in plan and not scans,
    )


def without(env, report):
    """For comparison: with Odoo's index by customer alone."""
    recovery = env["complaint.recovery"]
    env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(INDEX)))
    seconds = middle(
        env, lambda: recovery.formatted_read_group([], ["category_id"], SHOWN)
    )
    env.cr.rollback()
    report.line("for comparison: the pivot without the index", f"{seconds:.2f} s")
