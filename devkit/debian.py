"""Packages from Debian: installing what is missing, unpacking the rest privately."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlparse

from .places import log_file
from .ui import NO_NETWORK, DevError, run, step

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
# What the PDF engine's prebuilt program links to.
PDF_LIBRARIES = ("fontconfig", "libfontconfig1", "libxrender1", "libxext6")


def release_info(path="/etc/os-release"):
    """Return the machine's os-release file as a dictionary."""
    try:
        text = Path(path).read_text()
    except OSError:
        return {}
    return {
        key: value.strip().strip('"')
        for key, _, value in (line.partition("=") for line in text.splitlines())
        if value
    }


def require_debian(info=None):
    """Return Debian's code name.

    :raises DevError: on any other system.
    """
    info = release_info() if info is None else info
    if info.get("ID") != "debian" or not shutil.which("apt-get"):
        name = info.get("PRETTY_NAME") or "this system"
        raise DevError(
            f"This needs Debian 12 or newer with apt; {name} is not. Use a Debian "
            "container or virtual machine. With Odoo 19 (ODOO_HOME), PostgreSQL "
            "(PG* variables) and Chromium already installed, any Linux will do."
        )
    return info.get("VERSION_CODENAME") or "sid"


def missing_packages(own_postgres):
    """Return the Debian packages that have to be installed on this machine.

    :param own_postgres: whether we run the database server ourselves.
    """
    wanted = []
    if own_postgres and not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        wanted.append("postgresql")
    if not own_postgres and not shutil.which("createdb"):
        wanted.append("postgresql-client")
    if not any(map(shutil.which, BROWSERS)):
        wanted.append("chromium")
    if not shutil.which("pdftotext"):
        wanted.append("poppler-utils")
    if lacks_venv():
        wanted.append("python3-venv")
    if shutil.which("dpkg-query"):
        wanted += [
            name
            for name in ("fonts-noto-cjk", "ca-certificates", *PDF_LIBRARIES)
            if not is_installed(name)
        ]
    return wanted


def lacks_venv():
    """Return whether this Python cannot make virtual environments yet."""
    return not importlib.util.find_spec("ensurepip")


def is_installed(package):
    """Return whether dpkg knows the package as installed."""
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status}", package],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() == "installed"


def install(packages):
    """Install packages with one apt call, as root or through sudo.

    :raises DevError: without the right to, without network, or not on Debian.
    """
    if not packages:
        return
    require_debian()
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    if prefix and not sudo_works():
        raise DevError(
            "These Debian packages are missing and sudo does not let us install "
            "them; as root run:\n"
            f"    apt-get install --no-install-recommends {' '.join(packages)}"
        )
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    with step(f"Installing Debian packages: {' '.join(packages)}"):
        run([*apt, "update"], fail=network_text("apt-get update failed."))
        run(
            [*apt, "install", "-y", "--no-install-recommends", *packages],
            fail=network_text("Debian packages could not be installed."),
            log=log_file("apt"),
        )


def sudo_works():
    """Return whether sudo lets us in; it may ask for the password at the terminal."""
    if not shutil.which("sudo"):
        return False
    return not subprocess.run(["sudo", "-v"], check=False).returncode


def network_text(text):
    """Return a function that explains a failed download by the program's output."""
    signs = (
        "Could not resolve",
        "Temporary failure",
        "Failed to fetch",
        "Could not connect",
        "Cannot initiate the connection",
        "Connection refused",
        "Network is unreachable",
        "Failed to establish a new connection",
        "NewConnectionError",
        "NameResolutionError",
        "Name or service not known",
        "No matching distribution found",
    )

    def explain(output):
        if any(sign in output for sign in signs):
            return (
                f"{text} {NO_NETWORK} Nothing was left half-made; connect and run "
                "it again."
            )
        return text

    return explain


def sources(folder=Path("/etc/apt")):
    """Yield (address, suite, components) of every apt source of the machine."""
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    for path in files:
        if path.suffix == ".sources":
            for block in re.split(r"\n\s*\n", path.read_text()):
                yield from deb822_sources(block)
        elif path.suffix == ".list" and path.is_file():
            for line in path.read_text().splitlines():
                words = re.sub(r"\[.*?\]", " ", line).split()
                if len(words) > 3 and words[0] == "deb":
                    yield words[1], words[2], words[3:]


def deb822_sources(block):
    """Yield the sources of one paragraph in apt's newer format."""
    fields, key = {}, None
    for line in block.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0] in " \t" and key:
            fields[key] += " " + line.strip()
        else:
            key, _, value = line.partition(":")
            key = key.strip().lower()
            fields[key] = value.strip()
    if "deb" not in fields.get("types", "").split() or fields.get("enabled") == "no":
        return
    for uri in fields.get("uris", "").split():
        for suite in fields.get("suites", "").split():
            yield uri, suite, fields.get("components", "").split()


def mirror(codename, found=None):
    """Return the address of the Debian archive that this machine uses.

    Foreign archives (Node.js, cloud tools ...) stand in the same files: the suite
    must be Debian's own, and a path ending in /debian wins.

    :raises DevError: when no source looks like Debian's archive.
    """
    found = list(sources() if found is None else found)
    candidates = [
        uri.rstrip("/")
        for uri, suite, components in found
        if suite in (codename, "stable", "testing", "sid", "unstable")
        and "main" in components
        and urlparse(uri).scheme in ("http", "https", "ftp", "file", "copy")
    ]
    candidates.sort(key=lambda uri: not urlparse(uri).path.endswith("/debian"))
    if not candidates:
        raise DevError(
            "No Debian archive found in /etc/apt; add one, or set ODOO_HOME to an "
            "unpacked Odoo 19."
        )
    return candidates[0]


def download(packages, folder, codename):
    """Download packages without touching the machine's own package lists.

    :param packages: names; "name/suite" picks a suite other than sid.
    :return: paths of the .deb files.
    """
    if not KEYRING.exists():
        raise DevError(f"{KEYRING} is missing: install debian-archive-keyring.")
    address = mirror(codename)
    for name in ("lists/partial", "cache/archives/partial", "debs"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    suites = dict.fromkeys(["sid", codename])
    (folder / "sources.list").write_text(
        "".join(f"deb [signed-by={KEYRING}] {address} {s} main\n" for s in suites)
    )
    options = {
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::State": folder,
        "Dir::State::Lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "APT::Default-Release": "sid",
    }
    if os.geteuid() == 0:
        options["APT::Sandbox::User"] = "root"
    apt = ["apt-get", "-q", *(f"-o{key}={value}" for key, value in options.items())]
    # apt ends well although an index could not be fetched, unless told otherwise.
    apt.append("-oAPT::Update::Error-Mode=any")
    env = {**os.environ, "LC_ALL": "C"}
    run(
        [*apt, "update"],
        fail=network_text("The package lists could not be fetched."),
        env=env,
    )
    run(
        [*apt, "download", *packages],
        fail=network_text("Packages could not be fetched."),
        cwd=folder / "debs",
        env=env,
    )
    return sorted((folder / "debs").glob("*.deb"))
