#!/usr/bin/env python3
"""How many deadlines a second, planning alone: `python3 benchmarks/bench_worktime.py`.

One calendar with three shifts a day on weekdays, Saturday mornings, a lunch break and
twenty holidays a year, over ten years; 200,000 random starts and amounts. Pure Python,
no database. Ends with status 1 below the bar of 50,000 deadlines a second.
"""

import importlib.util
import random
import sys
import time
from datetime import date, timedelta
from pathlib import Path

BAR = 50_000
NUMBER = 200_000
TZ = "Europe/Berlin"


def load_worktime():
    # By its path: importing the add-on's package would need Odoo.
    path = Path(__file__).resolve().parent.parent / "tools" / "worktime.py"
    spec = importlib.util.spec_from_file_location("worktime", path)
    module = sys.modules["worktime"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_calendar(worktime, rng):
    zone = worktime.zone_of(TZ)
    schedule, leaves = [], []
    first = date(2020, 1, 1)
    for index in range(3653):
        day = first + timedelta(days=index)
        start = worktime.day_start(day, zone)
        hours = [(6, 12), (13, 14), (14, 22)] if day.weekday() < 5 else [(8, 12)]
        if day.weekday() < 6:
            schedule += [(start + a * 3600, start + b * 3600) for a, b in hours]
        if rng.random() < 20 / 365:
            leaves.append((start, worktime.day_start(day + timedelta(days=1), zone)))
    horizon = (schedule[0][0], schedule[-1][1])
    return worktime.Calendar.build(TZ, schedule, leaves, horizon, "Bench")


def rate(function, calls):
    begin = time.perf_counter()
    for arguments in calls:
        function(*arguments)
    return len(calls) / (time.perf_counter() - begin)


def main():
    worktime = load_worktime()
    rng = random.Random(2026)
    begin = time.perf_counter()
    calendar = make_calendar(worktime, rng)
    built = time.perf_counter() - begin
    last = calendar.end - 2 * 365 * worktime.DAY
    starts = [rng.randrange(calendar.start, last) for _ in range(NUMBER)]
    hours = [rng.randrange(1, 800) / 4 for _ in starts]
    days = [rng.randrange(1, 30) for _ in starts]
    print(f"calendar: {len(calendar.intervals)} intervals, built in {built:.3f} s")
    measured = {
        "plan": rate(
            worktime.plan,
            [
                (calendar, start, int(amount * 3600))
                for start, amount in zip(starts, hours, strict=True)
            ],
        ),
        "measure": rate(
            worktime.measure,
            [(calendar, start, start + 30 * worktime.DAY) for start in starts],
        ),
    }
    for unit in worktime.UNITS:
        amounts = hours if unit.endswith("hour") else days
        measured[f"plan_target {unit}"] = rate(
            worktime.plan_target,
            [
                (unit, amount, start, calendar)
                for start, amount in zip(starts, amounts, strict=True)
            ],
        )
    for name, value in measured.items():
        print(f"{name:28} {value:12,.0f} a second")
    slowest = min(value for name, value in measured.items() if name != "measure")
    print(f"bar: {BAR:,} a second -> {'met' if slowest >= BAR else 'MISSED'}")
    return 0 if slowest >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
