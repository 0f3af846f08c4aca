"""PostgreSQL: the user's own server (PG* variables), or a private cluster.

The private cluster listens on a Unix socket only and trades durability for speed:
everything in it can be built again.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from .places import DONE, cache, digest, locked, log_file
from .python import environment
from .ui import DevError, run, step

SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "jit": "off",
}
SOCKET_LIMIT = 107 - len("/.s.PGSQL.5432")


def is_ours():
    """Return whether we run the server (no PG* variable names another one)."""
    return not any(os.environ.get(n) for n in ("PGHOST", "PGPORT", "PGSERVICE"))


def variables():
    """Return the environment for every program that talks to the database."""
    env = environment()
    if is_ours():
        env = {k: v for k, v in env.items() if not k.startswith("PG")}
        env |= {"PGHOST": str(socket_folder()), "PGPORT": "5432", "PGUSER": "odoo"}
    binaries = [str(path.parent) for path in installed()]
    env["PATH"] = os.pathsep.join([*binaries[:1], env.get("PATH", os.defpath)])
    return env


def installed():
    """Return the `initdb` programs of Debian's PostgreSQL, newest first."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return sorted(found, key=lambda path: -float(path.parts[4]))


def server_user():
    """Return the account that runs the server: PostgreSQL refuses to be root."""
    if os.geteuid():
        return pwd.getpwuid(os.geteuid())
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise DevError("Neither the user postgres nor nobody exists to run PostgreSQL.")


def cluster():
    """Return the cluster's folder.

    It lies in the cache unless the server's account cannot get there (root's home
    is closed to everybody); then in /var/tmp, under a name made from the cache's.
    """
    folder = cache()
    if os.geteuid() == 0 and not reachable(folder):
        return Path("/var/tmp") / f"complaint_management-pg-{digest(str(folder))}"
    return folder / "pg"


def reachable(folder):
    """Return whether other accounts may pass through a folder and its parents."""
    way = (folder.resolve(), *folder.resolve().parents)
    return all(path.stat().st_mode & 0o001 for path in way)


def socket_folder():
    """Return the socket's folder; the system limits the length of its path."""
    folder = cluster() / "s"
    if len(str(folder)) > SOCKET_LIMIT:
        return Path(tempfile.gettempdir()) / f"cmpg-{digest(str(folder))}"
    return folder


def as_server(*command):
    """Return a command line that runs as the server's account."""
    user = server_user()
    if os.geteuid():
        return [*command]
    return [
        "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}",
        "--init-groups", *command,
    ]  # fmt: skip


def ensure():
    """Start the database server, making the cluster first when there is none.

    :raises DevError: when the server named by PG* variables does not answer, or
        its account may not create databases.
    """
    if not is_ours():
        check_foreign()
        return
    with locked("postgres"):
        binaries = installed()
        if not binaries:
            raise DevError("PostgreSQL is not installed.")
        folder = cluster()
        if not (folder / DONE).exists():
            with step("Creating the database cluster"):
                create(binaries[0], folder)
        version = (folder / "data" / "PG_VERSION").read_text().strip()
        binary = next((b.parent for b in binaries if b.parts[4] == version), None)
        if not binary:
            raise DevError(
                f"The cluster in {folder} is of PostgreSQL {version}, which is no "
                "longer installed. ./dev clean makes a new one."
            )
        if not answers(binary):
            start(binary, folder)


def create(initdb, folder):
    """Make an empty cluster, in one move once it is whole."""
    user = server_user()
    scratch = folder.with_name(folder.name + ".new")
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    scratch.mkdir(parents=True)
    if not os.geteuid():
        os.chown(scratch, user.pw_uid, user.pw_gid)
    scratch.chmod(0o700)
    run(
        as_server(initdb, "-U", "odoo", "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync", "-D", scratch / "data"),
        fail="PostgreSQL could not make a cluster.",
        cwd="/",
        env=environment() | {"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    lines = "".join(f"{key} = {value}\n" for key, value in SETTINGS.items())
    with (scratch / "data" / "postgresql.conf").open("a") as stream:
        stream.write("\n# Set by ./dev\n" + lines)
    (scratch / DONE).touch()
    scratch.rename(folder)


def start(binary, folder):
    """Start the server of our cluster; it outlives this program."""
    user, sockets = server_user(), socket_folder()
    sockets.mkdir(exist_ok=True)
    sockets.chmod(0o700)
    if not os.geteuid():
        os.chown(sockets, user.pw_uid, user.pw_gid)
    log = folder / "server.log"
    run(
        as_server(binary / "pg_ctl", "start", "-w", "-t", "60", "-D", folder / "data",
                  "-l", log, "-o", f"-k {sockets} -p 5432"),
        fail=f"PostgreSQL did not start, see {log}.",
        log=log_file("pg_ctl"),
        cwd="/",
        env=environment() | {"LC_ALL": "C.UTF-8"},
    )  # fmt: skip


def stop():
    """Stop our server if it runs."""
    folder = cluster()
    pid_file = folder / "data" / "postmaster.pid"
    if not pid_file.exists() or not installed():
        return
    version = (folder / "data" / "PG_VERSION").read_text().strip()
    binary = Path(f"/usr/lib/postgresql/{version}/bin/pg_ctl")
    subprocess.run(
        as_server(str(binary), "stop", "-m", "fast", "-D", str(folder / "data")),
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )


def answers(binary):
    """Return whether our server accepts connections."""
    done = subprocess.run(
        [binary / "pg_isready", "-q", "-t", "3"], env=variables(), check=False
    )
    return not done.returncode


def check_foreign():
    """Check the server that the user named; say plainly what it lacks."""
    where = os.environ.get("PGHOST") or os.environ.get("PGSERVICE") or "localhost"
    allowed = query(
        "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user",
        fail=(
            f"PostgreSQL at {where} cannot be reached with your PG* variables. "
            "Correct or unset them (PGHOST, PGPORT, PGUSER, PGPASSWORD ...); without "
            "them ./dev runs a database server of its own."
        ),
    )
    if allowed != "t":
        raise DevError(f"Your PostgreSQL account at {where} may not create databases.")
    if query("SELECT current_user = 'postgres'") == "t":
        raise DevError("Odoo refuses the account postgres: set PGUSER to another one.")


def query(statement, database="postgres", fail="A database query failed."):
    """Run one SQL statement; return its output as text, columns parted by |."""
    return run(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement],
        fail=fail,
        env=variables() | {"PGCONNECT_TIMEOUT": "10"},
    ).strip()
