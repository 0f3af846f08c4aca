"""`./dev bench`: the measurements in benchmarks/."""

import ast
import subprocess

from . import databases, prepare, python, server
from .places import REPOSITORY, cache
from .ui import DevError, say

HELP = "run the measurements in benchmarks/"
DESCRIPTION = """\
Runs benchmarks/bench_*.py, or those whose name contains a given word. A file that
defines `bench(env)` is run inside Odoo on a fresh copy of the test template and may
commit; any other file is run as a plain program. Prints what they print; ends with
status 1 when one of them fails or misses its bar.
"""
SCRIPT = """
import os, runpy, sys
sys.path.insert(0, os.path.dirname({path!r}))
status = runpy.run_path({path!r})["bench"](env)
sys.stdout.flush()
if status:
    raise SystemExit(status)
"""


def arguments(parser):
    """Add the command's options."""
    parser.add_argument("words", nargs="*", metavar="WORD", help="part of a file name")


def run(options, _rest):
    """Run the chosen measurements one after another."""
    files = [
        path
        for path in sorted((REPOSITORY / "benchmarks").glob("bench_*.py"))
        if not options.words or any(word in path.stem for word in options.words)
    ]
    if not files:
        raise DevError("No measurement in benchmarks/ has such a name.")
    prepare.machine()
    failed = []
    for path in files:
        say(f"\n== {path.stem.removeprefix('bench_')}")
        status = in_odoo(path) if needs_odoo(path) else alone(path)
        if status:
            failed.append(path.name)
    if failed:
        say(f"\n✗ Failed or missed the bar: {', '.join(failed)}")
    return bool(failed)


def needs_odoo(path):
    """Return whether a file defines bench(env)."""
    tree = ast.parse(path.read_text())
    return any(
        isinstance(node, ast.FunctionDef) and node.name == "bench" for node in tree.body
    )


def alone(path):
    """Run a measurement that needs no database."""
    env = python.environment()
    command = [python.program(), path]
    return subprocess.run(command, env=env, cwd=REPOSITORY, check=False).returncode


def in_odoo(path):
    """Run a measurement inside Odoo, on its own copy of the template."""
    template = databases.ensure_module(demo=False)
    database = databases.working_copy("bench")
    databases.copy(template, database)
    try:
        config = server.write_config(database)
        return subprocess.run(
            server.command("shell", "-c", config, "--no-http", "--log-level=warn"),
            input=SCRIPT.format(path=str(path)),
            text=True,
            env=server.variables(),
            cwd=cache(),
            check=False,
        ).returncode
    finally:
        databases.drop(database)
