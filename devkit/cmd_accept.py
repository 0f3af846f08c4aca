"""`./dev accept`: Odoo's own generic test suites on a database with our demo data."""

import re

from . import databases, prepare, server, uninstall
from .ui import DevError, say

HELP = "run Odoo's own generic suites on our demo data"
DESCRIPTION = """\
Runs the suites that Odoo applies to every installed module: models, overrides,
reports, all views rendered, menus opened in the browser, and the code checks of
`test_lint`; then the add-on is uninstalled, and nothing of it may be left; at last
every menu, view and filter is clicked through. --quick leaves that long last part out.
"""
# name, options of Odoo, test tags
SUITES = [
    (
        "models and reports",
        [],
        [
            "/base:TestEveryModel",
            "/base:TestOverrides",
            "/base:TestModelDeprecations",
            "/base:TestReports",
            "/base:TestInvisibleField",
        ],
    ),
    (
        "all views",
        [],
        ["render_all_views/base:TestRenderAllViews", "migration/base:TestAllViews"],
    ),
    (
        "menus in the browser",
        [],
        ["/web:TestMenusAdminLight", "/web:TestMenusDemoLight"],
    ),
    (
        "Odoo's code checks",
        ["--init=test_lint"],
        [
            "/test_lint:ManifestLinter",
            "/test_lint:PotLinter",
            "/test_lint:RoutesLinter",
            "/test_lint:TestConflictMarkers",
            "/test_lint:TestDocstring",
            "/test_lint:TestI18n",
            "/test_lint:TestIndex",
            "/test_lint:TestJsTranslations",
            "/test_lint:TestLintOverrideSignatures",
            "/test_lint:TestNaming",
            "/test_lint:TestOnchangeDomains",
            "/test_lint:TestTestHoles",
        ],
    ),
]
LONG = [("full click-through", [], ["click_all/web:TestMenusAdmin"])]
UNINSTALLING = "uninstalling"
RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")


def arguments(parser):
    """Add the command's options."""
    parser.add_argument(
        "--quick", action="store_true", help="leave out the full click-through"
    )
    parser.add_argument(
        "--only", metavar="WORD", default="", help="only suites whose name has WORD"
    )


def run(options, _rest):
    """Run the suites one after another; the exit status is 1 when any fails."""
    prepare.machine()
    suites = SUITES if options.quick else SUITES + LONG
    suites = [suite for suite in suites if options.only in suite[0]]
    uninstalls = options.only in UNINSTALLING
    if not suites and not uninstalls:
        raise DevError(f"No suite is called {options.only}.")
    template = databases.ensure_module(demo=True)
    database = databases.working_copy("accept")
    failed = []
    try:
        for name, extra, tags in suites:
            databases.copy(template, database)
            if not passes(name, database, extra, tags):
                failed.append(name)
    finally:
        databases.drop(database)
    if uninstalls and not uninstall.passes():
        failed.append(UNINSTALLING)
    if failed:
        say(f"\n✗ Failed: {', '.join(failed)}")
        return 1
    say(f"\n✓ All {len(suites) + uninstalls} suites passed.")
    return 0


def passes(name, database, extra, tags):
    """Run one suite; a suite in which nothing ran has failed."""
    try:
        lines = server.run_odoo(
            f"Suite: {name}",
            database,
            "server",
            "--stop-after-init",
            "--max-cron-threads=0",
            f"--test-tags={','.join(tags)}",
            *extra,
        )
    except DevError as error:
        say(f"✗ {error}")
        return False
    totals = [
        tuple(map(int, match.groups()))
        for match in map(RESULT.search, lines)
        if match
    ]  # fmt: skip
    failed, errors, count = totals[-1] if totals else (0, 0, 0)
    say(f"    {count} tests, {failed} failed, {errors} errors")
    if failed or errors:
        say(server.trouble(lines))
    missing = [tag for tag in tags if not ran(tag, lines)]
    if missing:
        say(f"    Nothing ran for {', '.join(missing)}")
    return bool(count) and not failed and not errors and not missing


def ran(tag, lines):
    """Return whether the log shows a test of a tag's class starting."""
    start = f"Starting {tag.rpartition(':')[2]}."
    return any(start in line for line in lines)
