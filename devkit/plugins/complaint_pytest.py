"""pytest plugin of `./dev test`; loaded with -p, before tests are collected.

The repository root is the module, whatever the folder is called: test files must be
imported as `odoo.addons.complaint_management.tests...`, or models would be
registered twice. A conftest.py at the root would come too late, and import the root
`__init__.py` under a wrong name.
"""

import importlib
import os
from pathlib import Path

import _pytest.pathlib
import pytest

REPOSITORY = Path(os.environ["COMPLAINT_REPOSITORY"]).resolve()
PACKAGE = "odoo.addons.complaint_management"


def pytest_configure(config):
    """Keep the files of tests that run at the same time.

    Odoo clears its store of files after each class by what is committed: of other
    processes nothing is. The store goes with the copy of the database.
    """
    common = importlib.import_module("odoo.tests.common")
    common.TransactionCase._gc_filestore = classmethod(lambda cls: None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config):
    """Map files to module names, inside pytest-odoo's own mapping."""
    original = _pytest.pathlib.resolve_pkg_root_and_module_name

    def resolve(path, *, consider_namespace_packages=False):
        path = Path(path).resolve()
        if path.is_relative_to(REPOSITORY):
            parts = path.relative_to(REPOSITORY).with_suffix("").parts
            if parts[-1] == "__init__":
                parts = parts[:-1]
            return REPOSITORY.parent, ".".join((PACKAGE, *parts))
        return original(path, consider_namespace_packages=consider_namespace_packages)

    _pytest.pathlib.resolve_pkg_root_and_module_name = resolve
    try:
        return (yield)
    finally:
        _pytest.pathlib.resolve_pkg_root_and_module_name = original


def pytest_addoption(parser):
    """Let somebody run the tests that Odoo's tag `-standard` puts aside."""
    parser.addoption(
        "--all-tags",
        action="store_true",
        help="Run tests tagged -standard too (long ones that are kept aside).",
    )


def pytest_collection_modifyitems(config, items):
    """Put tests tagged `-standard` aside, as Odoo's own runner does."""
    if config.getoption("--all-tags"):
        return
    kept, aside = [], []
    for item in items:
        tags = getattr(getattr(item, "cls", None), "test_tags", ("standard",))
        (kept if "standard" in tags else aside).append(item)
    if aside:
        config.hook.pytest_deselected(items=aside)
        items[:] = kept


def fail_when_skipped(report):
    """Turn a skipped report into a failed one: what does not run proves nothing."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr
        if isinstance(reason, tuple):
            reason = reason[-1]
        report.outcome = "failed"
        report.longrepr = f"A skipped test counts as failed. {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Fail skipped tests."""
    return fail_when_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Fail test files and classes that skip themselves."""
    return fail_when_skipped((yield))
