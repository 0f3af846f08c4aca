"""Satisfaction campaign: 500, 2,000 and 50,000 customers, and a kill in the middle.

Run by `./dev bench campaign` on a database of its own; see README.md for the bars.
"""

import os
import signal
import subprocess
import sys
import time

from bench_recovery import copies
from measuring import Report, machine

from odoo import fields
from odoo.tools import SQL, config

SIZES = (500, 2_000, 50_000)
MOST_QUERIES = 3.0
KILLED = 5_000
#: What another Odoo does until it is killed; as the scheduler, it commits as it goes.
JOB = """
model = env["complaint.feedback{suffix}"]
while model.search_count([("next_event_at", "<=", "{until}")], limit=1):
    model._cron_process_due()
    env.cr.commit()
"""


def bench(env):
    """Measure everything; return 1 when a bar is missed."""
    machine(env)
    report = Report()
    env["res.partner"].create({"name": "Warm", "email": "warm@bench.example.com"})
    campaign_of(env, 50, "warm")
    tidy(env)
    for size in SIZES:
        measured(env, report, size)
        tidy(env)
    killed(env, report)
    print()
    machine(env)
    return int(report.missed)


def campaign_of(env, size, name, run=True):
    """A campaign among so many new customers; by default worked off, uncommitted
    batches of a scheduler aside.

    :return: the campaign, {step: (seconds, queries)}
    """
    tag = env["res.partner.category"].create({"name": name})
    seed = env["res.partner"].create(
        {"name": "Customer", "email": f"{name}@bench.example.com"}
    )
    order = env["sale.order"].create({"partner_id": seed.id})
    order.action_confirm()
    env.flush_all()
    address = f"'{name}' || n || '@bench.example.com'"
    copies(
        env,
        "res_partner",
        seed,
        size,
        {
            "id": "nextval('res_partner_id_seq')",
            "name": "'Customer ' || n",
            "complete_name": "'Customer ' || n",
            "email": address,
            "email_normalized": address,
            "commercial_partner_id": "currval('res_partner_id_seq')",
        },
    )
    env.cr.execute(
        "UPDATE res_partner SET commercial_partner_id = id WHERE id > %s"
        " AND commercial_partner_id <> id",
        [seed.id],
    )
    copies(
        env,
        "sale_order",
        order,
        size,
        {
            "id": "nextval('sale_order_id_seq')",
            "name": f"'{name}' || n",
            "partner_id": f"{seed.id} + n",
            "access_token": "NULL",
        },
    )
    seed.email = False
    env.cr.execute(
        "INSERT INTO res_partner_res_partner_category_rel (partner_id, category_id)"
        " SELECT id, %s FROM res_partner WHERE email LIKE %s",
        [tag.id, f"{name}%@bench.example.com"],
    )
    env.cr.commit()
    env.cr._cnx.autocommit = True
    for table in ("res_partner", "sale_order", "complaint_feedback"):
        env.cr.execute(SQL("VACUUM ANALYZE %s", SQL.identifier(table)))
    env.cr._cnx.autocommit = False
    env.invalidate_all()
    today = fields.Date.today()
    campaign = env["complaint.feedback.campaign"].create(
        {
            "name": name,
            "date_from": fields.Date.subtract(today, days=2),
            "date_to": fields.Date.add(today, days=1),
            "partner_tag_ids": tag.ids,
        }
    )
    env.cr.commit()
    steps = {}
    if run:
        steps["preview"] = timed(env, campaign._preview)
        campaign._start()
        env.cr.commit()
        steps["choose"] = timed(
            env, lambda: work_off(env, "complaint.feedback.campaign")
        )
        steps["queue mails"] = timed(env, lambda: work_off(env, "complaint.feedback"))
    return campaign, steps


def timed(env, work):
    env.flush_all()
    env.invalidate_all()
    queries, begin = env.cr.sql_log_count, time.perf_counter()
    work()
    env.cr.commit()
    return time.perf_counter() - begin, env.cr.sql_log_count - queries


def work_off(env, name):
    """As the scheduler does it, until nothing is due."""
    model = env[name]
    while model.search_count([("next_event_at", "<=", fields.Datetime.now())], limit=1):
        model._cron_process_due()
        env.cr.commit()
        env.invalidate_all()


def measured(env, report, size):
    """Choose and queue for so many; nobody twice."""
    campaign, steps = campaign_of(env, size, f"c{size}x")
    for step, (seconds, queries) in steps.items():
        report.line(
            f"{size:,} customers: {step}",
            f"{seconds:.1f} s, {queries / size:.2f} queries each",
        )
    queries = sum(steps[step][1] for step in ("choose", "queue mails")) / size
    report.line(
        f"{size:,} customers: queries each, choosing and queueing",
        f"{queries:.2f}",
        f"{MOST_QUERIES:.0f}",
        queries <= MOST_QUERIES,
    )
    once(env, report, campaign, size, f"{size:,} customers")


def once(env, report, campaign, size, name):
    """Whether everybody has one survey and one mail."""
    env.cr.execute(
        "SELECT count(*), count(DISTINCT email), count(user_input_id)"
        " FROM complaint_feedback WHERE campaign_id = %s AND state = 'sent'",
        [campaign.id],
    )
    surveys, addresses, sheets = env.cr.fetchone()
    env.cr.execute(
        "SELECT count(*), count(DISTINCT mail.email_to)"
        " FROM mail_mail mail JOIN mail_message message"
        "   ON message.id = mail.mail_message_id"
        " JOIN complaint_feedback feedback ON feedback.id = message.res_id"
        " WHERE message.model = 'complaint.feedback' AND feedback.campaign_id = %s",
        [campaign.id],
    )
    mails, recipients = env.cr.fetchone()
    found = (surveys, addresses, sheets, mails, recipients)
    report.line(
        f"{name}: surveys, addresses, sheets, mails, recipients",
        ", ".join(f"{number:,}" for number in found),
        f"{size:,} each",
        set(found) == {size},
    )


def tidy(env):
    """What was measured does not weigh on what comes next."""
    env.cr.execute("DELETE FROM mail_mail")
    env.cr.execute("DELETE FROM mail_message WHERE model = 'complaint.feedback'")
    env.cr.execute("DELETE FROM complaint_feedback")
    env.cr.execute("UPDATE complaint_feedback_campaign SET next_event_at = NULL")
    env.cr.commit()
    env.invalidate_all()


def killed(env, report):
    """Another Odoo is killed while it chooses, then while it queues; both go on."""
    campaign, _steps = campaign_of(env, KILLED, "killed", run=False)
    campaign._start()
    env.cr.commit()
    count = SQL(
        "SELECT count(*) FROM complaint_feedback WHERE campaign_id = %s", campaign.id
    )
    chosen = kill_at(env, ".campaign", count)
    report.line("killed while it chose, after", f"{chosen:,} of {KILLED:,}")
    work_off(env, "complaint.feedback.campaign")
    queued = kill_at(env, "", SQL("%s AND state = 'sent'", count))
    report.line("killed while it queued mails, after", f"{queued:,} of {KILLED:,}")
    work_off(env, "complaint.feedback")
    report.line(
        "killed in the middle of both",
        "yes" if 0 < chosen < KILLED and 0 < queued < KILLED else "no",
        "yes",
        0 < chosen < KILLED and 0 < queued < KILLED,
    )
    once(env, report, campaign, KILLED, "killed twice, gone on")


def kill_at(env, suffix, count):
    """Kill another Odoo, without warning, once it has committed some.

    :return: how many were committed
    """
    until = fields.Datetime.to_string(
        fields.Datetime.add(fields.Datetime.now(), minutes=1)
    )
    command = ["-m", "odoo", "shell", "-c", config["config"], "-d", env.cr.dbname]
    process = subprocess.Popen(
        [sys.executable, *command, "--no-http", "--log-level=error"],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    process.stdin.write(JOB.format(suffix=suffix, until=until).encode())
    process.stdin.close()
    while process.poll() is None:
        env.cr.rollback()
        [[found]] = env.execute_query(count)
        if found:
            # In the middle of the next batch.
            time.sleep(0.15)
            os.killpg(process.pid, signal.SIGKILL)
            break
        time.sleep(0.02)
    process.wait()
    time.sleep(1)  # until the database has noticed
    env.cr.rollback()
    [[found]] = env.execute_query(count)
    env.invalidate_all()
    return found
