"""`./dev i18n`: export the terms and bring the translations up to date."""

import subprocess
import tempfile
from pathlib import Path

from . import databases, prepare, python, server
from .places import MODULE, REPOSITORY

HELP = "export the terms, update i18n/zh_CN.po, list what is untranslated"
DESCRIPTION = """\
Exports every translatable term of the installed add-on to i18n/complaint_management.pot
and brings i18n/zh_CN.po up to date: existing translations stay, new terms come in
empty, vanished ones go. Lists what is missing or unsure, and then ends with status 1.
"""


def arguments(parser):
    """Add the command's options (none)."""


def run(_options, _rest):
    """Export from a copy of the test template and merge."""
    prepare.machine()
    template = databases.ensure_module(demo=False)
    database = databases.working_copy("i18n")
    folder = REPOSITORY / "i18n"
    folder.mkdir(exist_ok=True)
    try:
        databases.copy(template, database)
        with tempfile.TemporaryDirectory() as scratch:
            exported = Path(scratch, f"{MODULE}.pot")
            server.run_odoo(
                "Exporting terms",
                database,
                "i18n export",
                f"--output={exported}",
                MODULE,
            )
            (folder / exported.name).write_bytes(exported.read_bytes())
    finally:
        databases.drop(database)
    # -P: this folder has a file odoo.py, which must not pass for Odoo.
    program = Path(__file__).with_name("po_merge.py")
    files = [folder / f"{MODULE}.pot", folder / "zh_CN.po"]
    return subprocess.run(
        [python.program(), "-P", program, *files], check=False
    ).returncode
