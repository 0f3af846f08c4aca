"""`./dev shot`: pictures of pages of the running Odoo, to look at what was built."""

import json
import shutil
import socket
import subprocess
from pathlib import Path

from . import cmd_run, debian, python
from .ui import DevError

HELP = "save pictures of pages of the running Odoo"
DESCRIPTION = """\
Logs in to the Odoo that ./dev run started (PORT), opens each address and saves a
picture of it. A width under 600 counts as a phone. Errors that a page logs are shown.

    ./dev shot /odoo/action-sale.action_orders orders.png
    ./dev shot --login olivia --size 390x844 /my home.png /my/orders orders.png
    ./dev shot --eval 'document.querySelector(".o_data_row td").click()' \\
               --then .o_form_view /odoo/action-... form.png
"""


def arguments(parser):
    """Add the command's options."""
    parser.add_argument(
        "shots",
        nargs="+",
        metavar="URL FILE.png",
        help="address (or its path) and file, any number of such pairs",
    )
    parser.add_argument("--login", default="admin", help="or 'none' (default: admin)")
    parser.add_argument("--password", help="default: the same as the login")
    parser.add_argument("--size", default="1440x900", help="WIDTHxHEIGHT (1440x900)")
    parser.add_argument(
        "--wait", action="append", default=[], metavar="CSS", help="wait for an element"
    )
    parser.add_argument(
        "--eval", action="append", default=[], metavar="JS", help="then run JavaScript"
    )
    parser.add_argument(
        "--then", action="append", default=[], metavar="CSS", help="then wait again"
    )
    parser.add_argument(
        "--full", action="store_true", help="the whole page, not only what is visible"
    )
    parser.add_argument("-d", "--database", default=cmd_run.DATABASE)


def run(options, _rest):
    """Take the pictures."""
    number = cmd_run.port()
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", number)):
            raise DevError(f"Nothing listens on port {number}: start ./dev run first.")
    width, _, height = options.size.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise DevError(f"--size {options.size} is not WIDTHxHEIGHT.")
    if len(options.shots) % 2:
        raise DevError("Give pairs: an address and a file for its picture.")
    program = next(filter(None, map(shutil.which, debian.BROWSERS)), None)
    if not program:
        raise DevError("No Chromium found; ./dev run installs it.")
    python.ensure()
    login = "" if options.login == "none" else options.login
    job = {
        "program": program,
        "base": f"http://127.0.0.1:{number}",
        "size": [int(width), int(height)],
        "login": login,
        "password": options.password or login,
        "database": options.database,
        "wait": options.wait,
        "eval": options.eval,
        "then": options.then,
        "full": options.full,
        "shots": list(zip(options.shots[::2], options.shots[1::2], strict=True)),
    }
    # -P: this folder has a file odoo.py, which must not pass for Odoo.
    command = [python.program(), "-P", Path(__file__).with_name("browser.py")]
    return subprocess.run(
        command, input=json.dumps(job), text=True, check=False
    ).returncode
