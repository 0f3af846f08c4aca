"""`./dev clean`: stop the database server and remove what ./dev built."""

import shutil

from . import databases, postgres
from .places import cache
from .ui import say

HELP = "remove the databases, or with --all everything in the cache"
DESCRIPTION = """\
Stops the private database server and removes its cluster with all databases, the demo
database and its files included. What was downloaded stays, so that the next start is
short; --all removes that as well. Installed Debian packages are left alone.
"""
BUILT = ("addons", "conf", "data", "log", "screenshots", "tmp", "demo.json", "env")


def arguments(parser):
    """Add the command's options."""
    parser.add_argument("--all", action="store_true", help="the downloads too")
    parser.add_argument(
        "--stop",
        action="store_true",
        help="only stop the database server, remove nothing",
    )


def run(options, _rest):
    """Remove databases, then files."""
    if options.stop:
        postgres.stop()
        say("✓ The database server is stopped.")
        return
    if postgres.is_ours():
        postgres.stop()
        for folder in (postgres.cluster(), postgres.socket_folder()):
            shutil.rmtree(folder, ignore_errors=True)
    else:
        drop_foreign()
    if options.all:
        shutil.rmtree(cache())
    else:
        for name in BUILT:
            path = cache() / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    say(f"✓ Removed {'everything' if options.all else 'the databases'} of ./dev.")


def drop_foreign():
    """Remove our databases from the user's own server, and no others."""
    postgres.check_foreign()
    for name in databases.ours():
        databases.drop(name)
