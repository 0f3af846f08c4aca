"""What measurements inside Odoo share: a clock, medians, tables, the machine."""

import gc
import os
import platform
import statistics
import time
from datetime import UTC, datetime
from typing import NamedTuple


class Measured(NamedTuple):
    seconds: float
    queries: int


def measure(env, work):
    """Time a piece of work with everything that a commit would still do.

    :param env: nothing is pending in it when the time starts
    :param work: function without arguments
    """
    env.cr.flush()
    env.invalidate_all()
    gc.collect()
    queries = env.cr.sql_log_count
    begin = time.perf_counter()
    work()
    env.cr.flush()
    seconds = time.perf_counter() - begin
    return Measured(seconds, env.cr.sql_log_count - queries)


def side_by_side(env, ours, bare, rounds):
    """Measure two pieces of work in turn, undoing each.

    The ratio is the median of the rounds' ratios: what else the machine does in a round
    weighs on both.

    :param ours, bare: functions without arguments
    :return: (median of ours, median of the bare model, ratio)
    """
    pairs = []
    for number in range(rounds + 1):
        pair = []
        # Who goes first changes, and so does who finds the warmer caches.
        order = (ours, bare) if number % 2 else (bare, ours)
        for work in order:
            pair.append(measure(env, work))
            env.cr.rollback()
        pairs.append(pair if number % 2 else pair[::-1])
    pairs = pairs[1:]  # the first round fills the caches
    ratio = statistics.median(a.seconds / b.seconds for a, b in pairs)
    return middle(pair[0] for pair in pairs), middle(pair[1] for pair in pairs), ratio


def middle(measured):
    """Return the median time, with its number of queries."""
    return sorted(measured)[len(measured) // 2] if (measured := list(measured)) else 0


class Report:
    """Lines of a Markdown table, and whether a bar was missed."""

    def __init__(self):
        self.missed = False
        print("| Measured | Result | Bar | |\n| --- | --- | --- | --- |")

    def line(self, name, result, bar="", met=True):
        """Print a result; without a bar it is there to compare."""
        self.missed |= not met
        verdict = ("met" if met else "**missed**") if bar else ""
        print(f"| {name} | {result} | {bar} | {verdict} |", flush=True)


def machine(env):
    """Print what the figures depend on."""
    env.cr.execute("SHOW server_version")
    postgres = env.cr.fetchone()[0].split()[0]
    env.cr.execute("SHOW fsync")
    fsync = env.cr.fetchone()[0]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} cores, load "
        f"{load}; Python {platform.python_version()}, PostgreSQL {postgres} "
        f"(fsync {fsync})\n"
    )
