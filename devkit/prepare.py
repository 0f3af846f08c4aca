"""Making the machine ready: everything that the other commands stand on."""

import shlex
import shutil
import time

from . import debian, odoo, pdf, postgres, python, server
from .places import cache
from .ui import in_parallel

LOGS_KEPT = 3 * 24 * 3600


def machine():
    """Fetch and install what is missing, then start the database server.

    Quick when nothing is missing. Debian packages come first only where Python
    needs them; else the three downloads run side by side.
    """
    cache()
    missing = debian.missing_packages(postgres.is_ours())
    if "python3-venv" in missing:
        debian.install(missing)
        missing = []
    in_parallel(
        lambda: debian.install(missing),
        odoo.ensure,
        lambda: (python.ensure(), pdf.ensure()),
    )
    postgres.ensure()
    write_environment()
    forget_old_logs()


def forget_old_logs():
    """Remove logs and pictures that nobody has needed for a while."""
    oldest = time.time() - LOGS_KEPT
    for folder in ("log", "screenshots"):
        for path in (cache() / folder).glob("*"):
            if path.stat().st_mtime < oldest:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)


def linters():
    """Make the environment of ./dev lint, which needs neither Odoo nor a database."""
    missing = [name for name in ("python3-venv",) if debian.lacks_venv()]
    if not shutil.which("git"):
        missing.append("git")
    debian.install(missing)
    python.ensure("venv-lint")


def write_environment():
    """Write a file to source in a shell: Odoo and psql by hand as ./dev runs them."""
    env = server.variables()
    names = [n for n in env if n in ("PATH", "PYTHONPATH") or n.startswith("PG")]
    lines = [f"export {name}={shlex.quote(env[name])}\n" for name in names]
    (cache() / "env").write_text("".join(lines))
