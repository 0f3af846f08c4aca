"""`./dev lint`: style, Odoo's conventions, XML and translations."""

import ast
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from . import prepare, python
from .places import MODULE, REPOSITORY, manifest, repository_files
from .ui import say

HELP = "check style, Odoo's conventions, XML and translations"
DESCRIPTION = """\
Runs every check and reports all findings: ruff, ruff format, pylint-odoo, the OCA's
module and PO checks, XML well-formedness, and whether the manifest and the folders
agree. --fix lets ruff mend what it can.
"""
# Rules about membership in the OCA, which the add-on does not claim.
OCA_ONLY = "C8101,C8112,C8116"
# The README is Markdown.
OCA_UNWANTED = "prefer-readme-rst"


def arguments(parser):
    """Add the command's options."""
    parser.add_argument(
        "--fix", action="store_true", help="let ruff correct and format the files"
    )


def run(options, _rest):
    """Run all checks; the exit status is 1 when any of them finds something."""
    prepare.linters()
    if options.fix:
        call("ruff", "check", "--fix", "--quiet")
        call("ruff", "format", "--quiet")
        oca_module("--fix")
    checks = {
        "ruff": lambda: call("ruff", "check", "--quiet", "--output-format=concise"),
        "ruff format": lambda: call(
            "ruff", "format", "--check", "--output-format=concise"
        ),
        "XML": well_formed,
        "manifest": manifest_agrees,
        "pylint-odoo": pylint_odoo,
        "OCA module checks": oca_module,
        "OCA PO checks": oca_po,
    }
    failed = []
    for name, check in checks.items():
        findings = check()
        say(f"{'✗' if findings else '✓'} {name}")
        if findings:
            failed.append(name)
            say("    " + findings.strip().replace("\n", "\n    "))
    if failed:
        say(f"\n✗ Findings in: {', '.join(failed)}")
    return bool(failed)


def call(name, *arguments, cwd=REPOSITORY):
    """Run a linter; return its output when it finds something, else nothing."""
    done = subprocess.run(
        [python.program(name, "venv-lint"), *arguments],
        cwd=cwd,
        env=python.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout + done.stderr
    return (output or f"exit status {done.returncode}") if done.returncode else ""


def sources(*suffixes):
    """Return the repository's files of some kinds, tests and tools included."""
    skipped = {"__pycache__", ".git", "build", "dist"}
    return sorted(
        path
        for path in REPOSITORY.rglob("*")
        if path.suffix in suffixes and not skipped.intersection(path.parts)
    )


def well_formed():
    """Parse every XML and SVG file."""
    problems = []
    for path in sources(".xml", ".svg"):
        try:
            ET.parse(path)
        except ET.ParseError as error:
            problems.append(f"{path.relative_to(REPOSITORY)}: {error}")
    return "\n".join(problems)


def manifest_agrees():
    """Compare the data files on disk with those that the manifest loads."""
    known = manifest()
    listed = set(known.get("data", [])) | set(known.get("demo", []))
    problems = [
        f"__manifest__.py lists {name}, which does not exist"
        for name in sorted(listed)
        if not (REPOSITORY / name).exists()
    ]
    folders = ("data", "demo", "reports", "security", "views", "wizards")
    present = {
        str(path.relative_to(REPOSITORY))
        for path in repository_files()
        if path.suffix in (".xml", ".csv")
        and path.relative_to(REPOSITORY).parts[0] in folders
    }
    problems += [
        f"{name} is not listed in __manifest__.py" for name in sorted(present - listed)
    ]
    return "\n".join(problems + unimported())


def unimported():
    """Return the Python files of models, wizards ... that no __init__.py imports."""
    problems = []
    for folder in ("models", "wizards", "controllers", "reports", "tests"):
        init = REPOSITORY / folder / "__init__.py"
        if not init.exists():
            continue
        imported = {
            alias.name
            for node in ast.walk(ast.parse(init.read_text()))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        pattern = "test_*.py" if folder == "tests" else "*.py"
        problems += [
            f"{folder}/__init__.py does not import {path.stem}"
            for path in sorted(init.parent.glob(pattern))
            if path.stem not in imported | {"__init__"}
        ]
    return problems


def pylint_odoo():
    """Run pylint with the rules for Odoo."""
    return call(
        "pylint",
        "--load-plugins=pylint_odoo",
        "--disable=all",
        "--enable=odoolint",
        f"--disable={OCA_ONLY}",
        "--valid-odoo-versions=19.0",
        "--score=n",
        "--jobs=0",
        "--ignore=devkit",
        ".",
    )


def oca_module(*arguments):
    """Run the OCA's module checks on a copy.

    They look for modules below the top of a git repository, and here the top
    itself is the module. With --fix, what they corrected is copied back.
    """
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch)
        shutil.copytree(
            REPOSITORY,
            top / MODULE,
            ignore=shutil.ignore_patterns(
                ".git", "__pycache__", "devkit", ".*_cache", ".hypothesis"
            ),
        )
        before = {path: path.read_bytes() for path in repository_files()}
        subprocess.run(["git", "init", "-q", top], check=False)
        found = call(
            "oca-checks-odoo-module",
            f"--disable={OCA_UNWANTED}",
            *arguments,
            str(top / MODULE),
            cwd=top,
        )
        if "--fix" in arguments:
            for path, content in before.items():
                fixed = (top / MODULE / path.relative_to(REPOSITORY)).read_bytes()
                if fixed != content == path.read_bytes():
                    path.write_bytes(fixed)
        return "\n".join(
            line.replace(f"{MODULE}/", "", 1)
            for line in found.replace(f"{top}/", "").splitlines()
            if line.strip()
        )


def oca_po():
    """Run the OCA's checks on the translations."""
    files = [str(path) for path in sources(".po", ".pot")]
    return call("oca-checks-po", *files) if files else ""
