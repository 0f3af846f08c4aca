"""Odoo itself: the user's own (ODOO_HOME), or Debian's package in the cache."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from . import debian
from .places import building, cache, complete, locked, require_space
from .ui import DevError, step

SERIES = "19.0"
PACKAGE = "odoo-19"
# Fonts and scripts that the package only links to. Those of the stable release
# carry the file names that the links expect; sid has renamed them.
LINKED = [
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "libjs-jquery",
    "libjs-underscore",
    "libjs-jquery-form",
    "fonts-ocr-b",
]
LINKED_STABLE = ["fonts-font-awesome", "fonts-inconsolata"]
# Debian removed this file but the asset bundles still list it: without it every
# page of the web client answers with an error.
REMOVED = "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
LIBRARY = "usr/lib/python3/dist-packages"


def home():
    """Return the folder that holds the Python package `odoo`.

    :raises DevError: when ODOO_HOME does not hold Odoo 19.
    """
    chosen = os.environ.get("ODOO_HOME")
    if not chosen:
        return cache() / "odoo" / LIBRARY
    base = Path(chosen).expanduser().absolute()
    for folder in (base, base / LIBRARY, base.parent):
        if (folder / "odoo" / "release.py").exists():
            found = version(folder)
            if not found.startswith(SERIES):
                raise DevError(f"ODOO_HOME={chosen} holds Odoo {found}, not {SERIES}.")
            return folder
    raise DevError(f"ODOO_HOME={chosen} holds no Odoo (no odoo/release.py in it).")


def version(folder):
    """Return the version in a folder with Odoo, such as "19.0"."""
    text = (folder / "odoo" / "release.py").read_text()
    match = re.search(r"^version_info = \((\d+), *(\d+)", text, re.MULTILINE)
    return ".".join(match.groups()) if match else "of unknown version"


def identity():
    """Return a text that changes with the Odoo in use."""
    if os.environ.get("ODOO_HOME"):
        return f"{home()} {version(home())}"
    return (cache() / "odoo" / "version").read_text()


def addons_paths():
    """Return the folders with Odoo's own add-ons (a source checkout has two)."""
    candidates = [home() / "addons", home() / "odoo" / "addons"]
    return [path for path in candidates if (path / "base").exists()
            or (path / "web").exists()]  # fmt: skip


def ensure():
    """Fetch Odoo 19 into the cache unless it is there or ODOO_HOME is set."""
    if os.environ.get("ODOO_HOME"):
        home()
        return
    target = cache() / "odoo"
    if complete(target):
        return
    with locked("odoo"):
        if complete(target):
            return
        codename = debian.require_debian()
        require_space(8)
        with (
            step("Fetching Odoo 19 (130 MB, unpacked 1.3 GB)"),
            building(target) as folder,
            tempfile.TemporaryDirectory(dir=folder.parent, prefix="apt-") as scratch,
        ):
            debs = fetch(scratch, codename)
            for deb in debs:
                unpack(deb, folder)
            removed = folder / LIBRARY / "odoo" / REMOVED
            removed.parent.mkdir(parents=True, exist_ok=True)
            removed.touch()
            name = next(d.name for d in debs if d.name.startswith(PACKAGE))
            (folder / "version").write_text(name.split("_")[1])


def fetch(scratch, codename):
    """Download Odoo's package and those that it links to."""
    packages = [PACKAGE, *LINKED, *(f"{name}/{codename}" for name in LINKED_STABLE)]
    try:
        return debian.download(packages, Path(scratch), codename)
    except DevError as error:
        if re.search(rf"Unable to locate package {PACKAGE}", str(error)):
            raise DevError(
                "Debian's sid no longer carries Odoo 19. Unpack Odoo 19 yourself "
                "(a source checkout will do) and set ODOO_HOME to its folder."
            ) from error
        raise


def unpack(deb, folder):
    """Unpack a package; of Odoo only the library, not its second copy of add-ons."""
    if not deb.name.startswith(PACKAGE):
        subprocess.run(["dpkg-deb", "-x", deb, folder], check=True)
        return
    files = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=-1)
    done = subprocess.run(
        ["tar", "-x", "-C", folder, "--no-same-owner",
         f"--exclude=./{LIBRARY}/addons", f"./{LIBRARY}/odoo"],
        stdin=files.stdout,
        check=False,
    )  # fmt: skip
    files.stdout.close()
    if files.wait() or done.returncode:
        raise DevError(f"{deb.name} could not be unpacked (is the disk full?).")
