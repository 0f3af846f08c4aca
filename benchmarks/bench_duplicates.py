"""Finding likely duplicates among 100,000 complaints, in English and Chinese.

Run by `./dev bench duplicates` on a database of its own; see README.md for the bars.
"""

import random
import statistics
import time
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from measuring import Report, machine

from odoo import fields
from odoo.tools import SQL

from odoo.addons.complaint_management.models.intake import complaint_case_similar
from odoo.addons.complaint_management.tools import likeness, matching

CASES = 100_000
CUSTOMERS = 5_000
PRODUCTS = 300
SEARCHES = 40
BATCH = 50
MOST_MS = 50
#: Share of the texts told in other words that are found by the text alone.
LEAST_FOUND = 0.8
SKETCH = "complaint_case_similar_key_idx"
TRIGRAM = "bench_trigram_idx"
OWN_WORDS = 12
WORD_LENGTH = {" ": (3, 9), "，": (2, 3)}

ENGLISH = """
The kettle|The coffee machine|My vacuum cleaner|The wardrobe|The lamp|The rice cooker|
The air purifier|The hair dryer|The tent|The dining table|My robot|The pan|The boots|
The kayak|The headphones|The heater|The blender|The mattress|The bicycle|The camera
leaks at the bottom|does not switch on|was delivered broken|makes a loud noise|
arrived two weeks late|has a deep scratch|smells of burnt plastic|is missing a screw|
was charged twice|is the wrong colour|stopped after three days|cannot be assembled|
has never arrived|got very hot|lost its handle|shows an error code|
was sent to a neighbour
since the first day|although I paid for express|and nobody answers my calls|
for the second time|and the box was open|while my children were near|
and the invoice says something else|after the repair|and your driver was rude|
and I want my money back|and the warranty card is missing|although it is new
I sent pictures last week.|Please send a new one.|I have waited long enough.|
The shop told me to write to you.|I will tell the consumer office.|
Please collect it.|My neighbour has the same trouble.|I need it on Friday.|
The hotline hung up on me.|I am a customer of many years.|This is not acceptable.
"""
CHINESE = """
水壶|咖啡机|吸尘器|衣柜|台灯|电饭煲|空气净化器|吹风机|帐篷|餐桌|扫地机器人|炒锅|
登山靴|皮划艇|耳机|取暖器|搅拌机|床垫|自行车|相机
底部一直漏水|无法开机|送到时已经破损|噪音特别大|晚到了两个星期|表面有很深的划痕|
有烧焦的塑料味|少了一颗螺丝|
被重复扣款|颜色发错了|用了三天就坏了|怎么也装不上|至今没有收到|发热非常厉害|把手掉了|
显示错误代码|被送到邻居家去了
从第一天开始就这样|虽然我付了加急费|客服电话没人接|这已经是第二次了|包装箱也是打开的|
当时孩子就在旁边|
发票上写的不一样|维修之后还是这样|送货员态度恶劣|我要求退款|保修卡也没有|明明是新买的
上周我已经发了照片。|请尽快换新的给我。|我等得太久了。|门店让我联系你们。|
我会向消费者协会投诉。|请上门取走。|
我邻居也遇到同样的问题。|我星期五要用。|热线把我的电话挂断了。|我是多年的老客户。|
这种服务无法接受。
"""


class Language:
    """Complaints made of what everybody says and what only one person tells."""

    def __init__(self, text, joint, chars):
        self.parts = [
            [part.strip() for part in line.split("|") if part.strip()]
            for line in _lines(text)
        ]
        self.joint = joint
        chance = random.Random(1)
        self.words = [
            "".join(chance.choices(chars, k=chance.randint(*WORD_LENGTH[joint])))
            for _number in range(4_000)
        ]
        # A few words are in every second text, most of them in few.
        self.weights = [1 / (rank + 5) for rank in range(len(self.words))]

    def choose(self, chance):
        common = [chance.choice(part) for part in self.parts]
        return common + chance.choices(self.words, self.weights, k=OWN_WORDS)

    def text(self, chance):
        return self.joint.join(self.choose(chance))

    def told_again(self, chance):
        """A text, and the same matter told once more: a third of the words differ."""
        chosen = self.choose(chance)
        again = list(chosen)
        for place in chance.sample(range(2, len(again)), len(again) // 3):
            again[place] = chance.choice(self.words)
        return self.joint.join(chosen), self.joint.join(again)


def _lines(text):
    """The four lines of parts, which are broken after a |."""
    lines = [""]
    for line in text.strip().splitlines():
        lines[-1] += line
        if not line.endswith("|"):
            lines.append("")
    return [line for line in lines if line]


#: Letters as often as they are in English, and the 1,500 commonest places for others.
LETTERS = "eeeeeeeeeeetttttttttaaaaaaaaoooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddllll"
LETTERS += "cccuuummmwwwffgggyyppbbvk"
CHARS = [chr(0x4E00 + place) for place in range(1_500)]
LANGUAGES = {
    "English": Language(ENGLISH, " ", LETTERS),
    "Chinese": Language(CHINESE, "，", CHARS),
}


def bench(env):
    """Measure everything; return 1 when a bar is missed."""
    machine(env)
    report = Report()
    chance = random.Random(7)
    fill(env, chance)
    for name, language in LANGUAGES.items():
        searching(env, report, chance, name, language)
    form(env, report, chance)
    batch(env, report, chance)
    recognising(env, report, chance)
    explain(env, report, chance)
    trigrams(env, report, chance)
    print()
    machine(env)
    return int(report.missed)


def fill(env, chance):
    """100,000 complaints of 5,000 customers, written as rows: one seed, many copies."""
    customers = env["res.partner"].create(
        [{"name": f"Customer {number}"} for number in range(CUSTOMERS)]
    )
    products = env["product.product"].create(
        [{"name": f"Product {number}"} for number in range(PRODUCTS)]
    )
    seed = env["complaint.case"].create({"subject": "Seed"})
    env.cr.commit()
    rows = []
    now = fields.Datetime.now()
    for number in range(CASES):
        text = chance.choice(list(LANGUAGES.values())).text(chance)
        received = now - timedelta(minutes=chance.randrange(300 * 24 * 60))
        found = likeness.features(likeness.plain(text[:60], f"<p>{text}</p>"))
        rows.append(
            (
                f"BENCH/{number}",
                text[:60],
                f"<p>{text}</p>",
                *likeness.sketches(found, [likeness.period(received)]),
                chance.choice(customers.ids),
                chance.choice(products.ids),
                f"+49 30 {chance.randrange(10**7, 10**8)}",
                received,
            )
        )
    values = (
        "name", "subject", "description", "similar_key", "commercial_partner_id",
        "product_id", "phone", "date_received",
    )  # fmt: skip
    env.cr.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'complaint_case'::regclass "
        "AND attnum > 0 AND NOT attisdropped AND attname <> 'id'"
    )
    others = [
        name for (name,) in env.cr.fetchall() if name not in (*values, "date_received")
    ]
    for start in range(0, CASES, 5_000):
        part = rows[start : start + 5_000]
        env.cr.execute(
            SQL(
                "INSERT INTO complaint_case (%s, %s) SELECT %s, %s"
                " FROM complaint_case seed, "
                "unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::int[],"
                " %s::int[], %s::text[], %s::timestamp[]) AS new(%s)"
                " WHERE seed.id = %s",
                _columns(values),
                _columns(others),
                _columns(values, "new"),
                _columns(others, "seed"),
                *map(list, zip(*part, strict=True)),
                _columns(values),
                seed.id,
            )
        )
    env.cr.commit()
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE complaint_case")
    env.cr._cnx.autocommit = False


def _columns(names, table=None):
    return SQL(", ").join(
        SQL.identifier(table, name) if table else SQL.identifier(name) for name in names
    )


class Took(NamedTuple):
    """Milliseconds: until it was done, and of the processors' work in it."""

    wall: float
    work: float


def timed(env, work):
    """Time a piece of work of ours and of the database; return Took and its result.

    On a machine that does other things as well, the first says mostly how busy it is.
    """
    env.invalidate_all()
    env.cr.execute("SELECT pg_backend_pid()")
    server = Path(f"/proc/{env.cr.fetchone()[0]}/schedstat")

    def worked():
        return time.process_time_ns() + int(server.read_text().split()[0])

    begin, before = time.perf_counter(), worked()
    result = work()
    wall = (time.perf_counter() - begin) * 1000
    return Took(wall, (worked() - before) / 1e6), result


def searching(env, report, chance, name, language):
    """By customer, number and text; whether what was told in other words is found."""
    env.cr.execute(
        "SELECT commercial_partner_id, phone FROM complaint_case TABLESAMPLE SYSTEM (5)"
        " WHERE phone IS NOT NULL LIMIT %s",
        [SEARCHES],
    )
    times, hits = [], 0
    for customer, phone in env.cr.fetchall():
        first, again = language.told_again(chance)
        case = env["complaint.case"].create({"subject": first[:200]})
        env.flush_all()
        facts = matching.Facts(
            customer=customer,
            phone=matching.phone_key(phone),
            features=frozenset(likeness.features(likeness.plain(again))),
        )
        asked = [(case.company_id.id, facts)]
        took, [found] = timed(
            env, lambda asked=asked: env["complaint.case"]._similar_find(asked)
        )
        times.append(took)
        hits += case.id in [row.id for row in found]
        env.cr.rollback()
    _line(report, f"{name}: search by customer, number and text", times)
    report.line(
        f"{name}: told again in partly other words, found by the text alone",
        f"{hits} of {len(times)}",
        f"{LEAST_FOUND:.0%}",
        hits >= LEAST_FOUND * len(times),
    )


def _line(report, name, times):
    work = sorted(took.work for took in times)
    wall = statistics.median(took.wall for took in times)
    report.line(
        f"{name}, {CASES:,} complaints",
        f"median {wall:.1f} ms, of it {statistics.median(work):.1f} ms of work, 95 % "
        f"under {work[int(len(work) * 0.95)]:.1f} ms of work",
        f"{MOST_MS} ms",
        wall <= MOST_MS,
    )


def form(env, report, chance):
    """The whole panel as a handler sees it, rights and words included."""
    users = env["res.users"].with_context(no_reset_password=True)
    handler = users.create(
        {
            "name": "Handler",
            "login": "bench",
            "group_ids": [(4, env.ref("complaint_management.group_handler").id)],
        }
    )
    times = []
    for _number in range(SEARCHES):
        language = chance.choice(list(LANGUAGES.values()))
        case = env["complaint.case"].create({"subject": language.text(chance)[:200]})
        env.flush_all()
        case = case.with_user(handler)
        times.append(timed(env, lambda case=case: case.similar_cases)[0])
    env.cr.rollback()
    _line(report, "the panel of the form, with rights and reasons", times[1:])


def batch(env, report, chance):
    """Many at once: one query."""
    company = env.company.id
    asked = [
        (
            company,
            matching.Facts(
                customer=chance.randrange(1, CUSTOMERS),
                features=frozenset(
                    likeness.features(LANGUAGES["English"].text(chance))
                ),
            ),
        )
        for _number in range(BATCH)
    ]
    took, _found = timed(env, lambda: env["complaint.case"]._similar_find(asked))
    report.line(f"{BATCH} searches at once", f"{took.work / BATCH:.1f} ms of work each")


def recognising(env, report, chance):
    """Repeats among what comes in; without the text."""
    company = env.company.id
    env.cr.execute("SELECT commercial_partner_id FROM complaint_case WHERE id > 1000")
    customers = [row[0] for row in env.cr.fetchmany(BATCH)]
    asked = [(company, matching.Facts(customer=id_)) for id_ in customers]
    took, _found = timed(env, lambda: env["complaint.case"]._repeats_of(asked))
    report.line(
        f"repeats recognised among {BATCH} complaints that come in",
        f"{took.work / BATCH:.1f} ms of work each",
    )


def _probe(env, text):
    now = likeness.period(fields.Datetime.now())
    months = [now - back for back in range(complaint_case_similar.MONTHS)]
    words = likeness.sketches(likeness.features(likeness.plain(text)), months)
    probe = (0, env.company.id, None, None, None, None, *words)
    return complaint_case_similar._find_query([probe], "2000-01-01")


def explain(env, report, chance):
    """Whether the index is used."""
    query = _probe(env, LANGUAGES["Chinese"].text(chance))
    env.cr.execute(SQL("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) %s", query))
    plan = [line.strip() for (line,) in env.cr.fetchall()]
    used = {line.split()[5] for line in plan if "Bitmap Index Scan on" in line}
    env.cr.execute(
        "SELECT pg_size_pretty(pg_relation_size('complaint_case_similar_key_idx'))"
    )
    size = env.cr.fetchone()[0]
    scans = sum("Seq Scan" in line for line in plan)
    report.line(
        "EXPLAIN: the index over the words is used, tables are read through",
        f"{'yes' if SKETCH in used else 'no'}, {scans} ({plan[-1]}; index {size})",
        "yes, 0",
        SKETCH in used and not scans,
    )


def trigrams(env, report, chance):
    """For comparison: PostgreSQL's trigrams over the same texts."""
    env.cr.execute(
        f"CREATE INDEX {TRIGRAM} ON complaint_case"
        " USING gin (left(description, 400) gin_trgm_ops)"
    )
    env.cr.execute("ANALYZE complaint_case")
    env.cr.execute(f"SELECT pg_size_pretty(pg_relation_size('{TRIGRAM}'))")
    size = env.cr.fetchone()[0]
    for name, language in LANGUAGES.items():
        times, hits = [], 0
        for _number in range(SEARCHES // 4):
            first, again = language.told_again(chance)
            case = env["complaint.case"].create({"subject": "x", "description": first})
            env.flush_all()
            query = SQL(
                "SELECT id FROM complaint_case WHERE left(description, 400) %% %s"
                " ORDER BY similarity(left(description, 400), %s) DESC LIMIT 50",
                again,
                again,
            )
            took, rows = timed(env, lambda query=query: env.execute_query(query))
            hits += (case.id,) in rows
            times.append(took.work)
            case.unlink()
        report.line(
            f"for comparison, {name}: pg_trgm ({size})",
            f"median {statistics.median(times):.1f} ms of work, {hits} of "
            f"{len(times)} found",
        )
    env.cr.rollback()
