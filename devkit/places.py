"""Where things are: the repository, the cache, and what a hash is made of."""

import ast
import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
import tomllib
from pathlib import Path

from .ui import DevError, say

MODULE = "complaint_management"
REPOSITORY = Path(
    os.environ.get("COMPLAINT_REPOSITORY") or Path(__file__).resolve().parent.parent
)
DONE = ".complete"

# A change in these, at any depth, never changes what is installed into a database.
NOT_INSTALLED = {
    ".ci",
    ".git",
    ".github",
    ".hypothesis",
    ".pytest_cache",
    ".ruff_cache",
    "__pycache__",
    "benchmarks",
    "devkit",
    "docs",
    "tests",
}
INSTALLED_SUFFIXES = {
    ".css", ".csv", ".js", ".po", ".py", ".scss", ".svg", ".toml", ".xml",
}  # fmt: skip


def cache():
    """Return the cache folder, outside the repository; create it when missing."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base).expanduser().absolute() / MODULE
    if folder.resolve().is_relative_to(REPOSITORY.resolve()):
        raise DevError(f"The cache {folder} must lie outside the repository.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DevError(f"Cannot create the cache folder: {error}") from error
    return folder


def log_file(name):
    """Return the path of a log in the cache."""
    folder = cache() / "log"
    folder.mkdir(exist_ok=True)
    return folder / f"{name}.log"


def screenshots():
    """Return the folder in which failed browser tests leave their pictures."""
    folder = cache() / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder


def require_space(gigabytes):
    """Refuse to begin a big download that cannot end well.

    :raises DevError: when the cache's disk has less free space.
    """
    free = shutil.disk_usage(cache()).free / 1e9
    if free < gigabytes:
        raise DevError(
            f"The disk is too full: {cache()} needs about {gigabytes} GB, "
            f"{free:.1f} GB are free. Set XDG_CACHE_HOME to use another disk."
        )


def settings():
    """Return the table [tool.devkit] of pyproject.toml."""
    with (REPOSITORY / "pyproject.toml").open("rb") as stream:
        return tomllib.load(stream)["tool"]["devkit"]


def manifest():
    """Return the add-on's manifest.

    :raises DevError: when it is missing or not a dictionary.
    """
    path = REPOSITORY / "__manifest__.py"
    try:
        return ast.literal_eval(path.read_text())
    except (OSError, SyntaxError, ValueError) as error:
        raise DevError(f"Cannot read {path}: {error}") from error


def repository_files():
    """Return the files that make up an installed add-on, sorted."""
    found = []
    for folder, children, names in os.walk(REPOSITORY):
        children[:] = sorted(set(children) - NOT_INSTALLED)
        found += [
            Path(folder, name)
            for name in names
            if Path(name).suffix in INSTALLED_SUFFIXES and name != "pyproject.toml"
        ]
    return sorted(found)


def digest(*parts):
    """Return a short hash of texts and files (a Path counts by name and content)."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            total.update(part.name.encode() + b"\0" + part.read_bytes())
        else:
            total.update(str(part).encode())
        total.update(b"\0")
    return total.hexdigest()[:10]


def repository_digest():
    """Return a hash of everything that an installation of the add-on reads."""
    parts = []
    for path in repository_files():
        parts += [str(path.relative_to(REPOSITORY)), path]
    return digest(*parts)


@contextlib.contextmanager
def locked(name):
    """Hold a lock between processes; the second one waits."""
    folder = cache() / "lock"
    folder.mkdir(exist_ok=True)
    with (folder / name).open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"· Waiting for another ./dev that is busy with: {name}")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def building(target):
    """Give a scratch folder that becomes `target` in one move, or vanishes.

    A folder without its completion stamp is never used, so an interrupted
    download leaves nothing half-made.
    """
    (cache() / "tmp").mkdir(exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=target.name + "-", dir=cache() / "tmp"))
    try:
        yield scratch
        (scratch / DONE).touch()
        scratch.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def complete(target):
    """Return whether a folder was finished by `building`."""
    return (target / DONE).exists()
