"""`./dev test`: the whole suite with pytest-odoo, browser tests included."""

import os
import subprocess
from pathlib import Path

from . import corpus, databases, prepare, python, server
from .places import REPOSITORY, screenshots
from .ui import say

HELP = "run the test suite (further arguments go to pytest)"
DESCRIPTION = """\
Prepares or reuses a template database without demo data and runs `pytest tests` on
a copy of it. A skipped test counts as failed. Everything that ./dev does not know
goes to pytest:

    ./dev test                          the whole suite
    ./dev test tests/test_case.py -x    one file, stop at the first failure
    ./dev test -k worktime              by name
    ./dev test -n 2                     on two processes, each with its own copy
    ./dev test --all-tags -k bench      tests tagged -standard too
"""


def arguments(parser):
    """Add the command's options."""
    parser.add_argument(
        "--with",
        dest="extra",
        metavar="MODULES",
        default="",
        help="install these optional modules too, parted by commas "
        "(sale_loyalty,sale_stock ...)",
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="keep the test database afterwards, to look into it",
    )


def run(options, rest):
    """Prepare the database and run pytest; return its exit status."""
    prepare.machine()
    extra = tuple(sorted(filter(None, options.extra.split(","))))
    template = databases.ensure_module(demo=False, extra=extra)
    database = databases.working_copy("kept" if options.keep else "test")
    databases.copy(template, database)
    try:
        return pytest(database, rest)
    finally:
        if options.keep:
            say(f"The test database is kept: {database}")
        else:
            databases.drop(database)


def pytest(database, rest):
    """Run pytest on a prepared database."""
    config = server.write_config(database)
    env = server.variables() | {
        "ODOO_RC": str(config),
        "COMPLAINT_REPOSITORY": str(REPOSITORY),
        **corpus.ensure(),
    }
    plugins = Path(__file__).parent / "plugins"
    env["PYTHONPATH"] += os.pathsep + str(plugins)
    command = [
        python.program("pytest"),
        "-p",
        "complaint_pytest",
        "--odoo-http",
        *rest,
        *([] if names_tests(rest) else ["tests"]),
    ]
    say(f"· pytest (screenshots of failed browser tests: {screenshots() / database})")
    return subprocess.run(command, env=env, cwd=REPOSITORY, check=False).returncode


def names_tests(rest):
    """Return whether pytest's arguments already say which files to run."""
    return any(
        not argument.startswith("-") and (REPOSITORY / argument.split("::")[0]).exists()
        for argument in rest
    )
