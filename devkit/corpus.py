"""Real and broken mail for the tests: the test data of Python's own mail library."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from . import debian
from .places import building, cache, complete, locked
from .ui import step

VARIABLE = "COMPLAINT_MAIL_CORPUS"


def folder():
    """Return the folder with the messages, which :func:`ensure` fills."""
    return cache() / "mail-corpus"


def ensure():
    """Fetch the messages from Debian's package of Python's test suite.

    :return: variables for the environment of the tests; empty where there is no such
        package, the tests then do with the messages that they make themselves.
    """
    if os.environ.get(VARIABLE):
        return {}
    if not complete(folder()):
        release = debian.release_info()
        if release.get("ID") != "debian":
            return {}
        with locked("mail-corpus"):
            if not complete(folder()):
                fetch(debian.require_debian(release))
    return {VARIABLE: str(folder())}


def fetch(codename):
    """Download the package and keep its messages."""
    package = f"libpython{python_version(codename)}-testsuite"
    with (
        step("Fetching mail for the tests (Python's own test data, 4 MB)"),
        building(folder()) as target,
        tempfile.TemporaryDirectory(dir=target.parent, prefix="apt-") as scratch,
    ):
        [deb] = debian.download([f"{package}/{codename}"], Path(scratch), codename)
        files = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=-1)
        subprocess.run(
            ["tar", "-x", "-C", target, "--no-same-owner", "--wildcards",
             "--strip-components=7", "./usr/lib/python3*/test/test_email/data/*"],
            stdin=files.stdout,
            check=True,
        )  # fmt: skip
        files.stdout.close()
        files.wait()


def python_version(codename):
    """Return the version of Python that a release of Debian comes with."""
    known = {"bookworm": "3.11", "trixie": "3.13"}
    return known.get(codename) or f"{sys.version_info[0]}.{sys.version_info[1]}"
