"""`./dev shell`: a Python prompt with Odoo's environment."""

import subprocess

from . import cmd_run, prepare, server
from .places import cache, locked

HELP = "open a Python prompt with `env` on the demo database"
DESCRIPTION = """\
Opens `odoo shell` on the demo database of ./dev run; `env` is Odoo's environment as
superuser. Nothing is saved without env.cr.commit(). A script may come from standard
input: ./dev shell < script.py
"""


def arguments(parser):
    """Add the command's options."""
    parser.add_argument("-d", "--database", help="another database than the demo's")


def run(options, _rest):
    """Run the prompt in the foreground."""
    prepare.machine()
    database = options.database or cmd_run.DATABASE
    if not options.database:
        with locked("demo"):
            cmd_run.ensure_demo(cmd_run.port())
    config = server.write_config(f"{database}", http_enable=False)
    command = server.command("shell", "-c", config, "--no-http")
    return subprocess.run(
        command, env=server.variables(), cwd=cache(), check=False
    ).returncode
