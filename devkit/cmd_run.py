"""`./dev run`: Odoo with the add-on and its demo data, ready to click."""

import errno
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from . import databases, odoo, postgres, prepare, server
from .places import MODULE, cache, locked, log_file, repository_digest
from .ui import DevError, say

HELP = "start Odoo with the add-on and demo data (PORT, default 8069)"
DESCRIPTION = """\
On the first start fetches whatever is missing and installs the add-on with demo
data; later it starts at once, and updates the add-on when the repository changed.
The address is http://127.0.0.1:PORT (PORT in the environment, default 8069). The
database is called `complaints` and stays until ./dev clean. Stop with Ctrl-C.
"""
DATABASE = "complaints"
LOGINS = [
    ("Administrator", "admin", "admin"),
    ("Handler", "handler", "handler"),
    ("Supervisor", "supervisor", "supervisor"),
    ("Manager", "manager", "manager"),
    ("Auditor", "auditor", "auditor"),
    ("Colleague of another department", "colleague", "colleague"),
    ("Customer (portal)", "olivia", "olivia"),
    ("Customer (portal)", "bruno", "bruno"),
]


def arguments(parser):
    """Add the command's options."""
    parser.add_argument(
        "--no-start", action="store_true", help="prepare everything, do not start"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="begin again with new demo data"
    )


def port():
    """Return the port to listen on.

    :raises DevError: when PORT is not a port number.
    """
    text = os.environ.get("PORT") or "8069"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise DevError(f"PORT={text} is not a port number (1 to 65535).")
    return int(text)


def require_free(number):
    """Refuse a port that somebody listens on, before any long work."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise DevError(f"Port {number} is reserved for root.") from error
            raise DevError(
                f"Port {number} is taken by another program. Choose another one: "
                f"PORT={number + 1} ./dev run"
            ) from error


def run(options, _rest):
    """Prepare the demo database and start Odoo in the foreground."""
    number = port()
    if not options.no_start:
        require_free(number)
    prepare.machine()
    with locked("demo"):
        ensure_demo(number, options.fresh)
    if options.no_start:
        say(f"The database {DATABASE} is ready; ./dev run starts Odoo on it.")
        return 0
    return serve(number)


def state_file():
    """Return the file that says what the demo database was last updated with."""
    return cache() / "demo.json"


def ensure_demo(number, fresh=False):
    """Create the demo database, or bring it up to the repository's state."""
    state = {"odoo": odoo.identity(), "repository": repository_digest()}
    known = {}
    if state_file().exists() and not fresh and databases.exists(DATABASE):
        known = json.loads(state_file().read_text())
    if not known:
        template = databases.ensure_module(demo=True)
        state_file().unlink(missing_ok=True)
        databases.copy(template, DATABASE)
        # Or a chat window of Odoo's own introduction covers the first screen.
        postgres.query("UPDATE res_users SET odoobot_state = 'disabled'", DATABASE)
    elif known != state:
        upgrade("base" if known["odoo"] != state["odoo"] else MODULE)
    state_file().write_text(json.dumps(state))
    set_address(number)


def upgrade(module):
    """Update a module in the demo database; its data stays."""
    lines = server.run_odoo(
        f"Updating {module} (the repository changed)",
        DATABASE,
        "server",
        "--no-http",
        "--stop-after-init",
        "--max-cron-threads=0",
        f"--update={module}",
    )
    server.show_warnings(lines)


def set_address(number):
    """Tell Odoo its address, which links in mails and the PDF engine use."""
    address = f"http://127.0.0.1:{number}"
    for key in ("web.base.url", "report.url"):
        postgres.query(
            "INSERT INTO ir_config_parameter (key, value, create_date, write_date) "
            f"VALUES ('{key}', '{address}', now(), now()) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            DATABASE,
        )
    postgres.query(
        "INSERT INTO ir_config_parameter (key, value, create_date, write_date) "
        "VALUES ('web.base.url.freeze', 'True', now(), now()) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        DATABASE,
    )


def serve(number):
    """Run Odoo until it is stopped; announce the address once it answers."""
    config = server.write_config(DATABASE, port=number)
    log = log_file("run")
    say(f"· Starting Odoo (log: {log}) ...")
    with log.open("w") as stream:
        process = subprocess.Popen(
            server.command("server", "-c", config),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=server.variables(),
            cwd=cache(),
        )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        wait_for(process, number, log)
        announce(number)
        return process.wait()
    except KeyboardInterrupt:
        say("\n· Stopping Odoo ...")
        return 0
    finally:
        server.end(process)


def wait_for(process, number, log):
    """Wait until the login page answers.

    :raises DevError: when Odoo ends first, or needs more than three minutes.
    """
    address = f"http://127.0.0.1:{number}/web/login"
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if process.poll() is not None:
            lines = log.read_text(errors="replace").splitlines()
            raise DevError(f"Odoo did not start.\n{server.trouble(lines)}")
        try:
            with urllib.request.urlopen(address, timeout=60):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise DevError(f"Odoo did not answer within three minutes, see {log}.")


def announce(number):
    """Print the address and the logins of the demo data."""
    found = set(
        postgres.query("SELECT login FROM res_users WHERE active", DATABASE).split()
    )
    say(f"\n  Odoo is ready:  http://127.0.0.1:{number}\n")
    say(f"  {'Role':<20} {'Login':<12} Password")
    for role, login, password in LOGINS:
        if login in found:
            say(f"  {role:<20} {login:<12} {password}")
    say("\n  Stop with Ctrl-C.")
