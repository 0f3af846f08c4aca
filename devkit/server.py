"""Running Odoo: its configuration, and commands that end."""

import html
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time

from . import odoo, pdf, postgres, python
from .places import MODULE, REPOSITORY, cache, digest, log_file, screenshots
from .ui import DevError, say

LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d \S+ \d+ (?P<level>[A-Z]+) ")
FAILED_TEST = re.compile(r"^\S+ \S+ \d+ \w+ \S+ \S+: (FAIL|ERROR): ")
LOADING = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
# Warnings about this machine or about Odoo itself, none of which we can mend.
NOT_OURS = re.compile(
    r"python-ldap|unsupported operand|security risk|wkhtmltopdf|chardet|"
    r"missing http_interface|DeprecationWarning|invalid escape"
)


def data_folder():
    """Return Odoo's data folder (file stores, sessions)."""
    return cache() / "data"


def addons_link():
    """Return the folder that shows the repository as an add-on, making the link.

    Each clone has its own, so that two clones can share one cache.
    """
    folder = cache() / "addons" / digest(str(REPOSITORY))
    link = folder / MODULE
    if not link.is_symlink() or link.readlink() != REPOSITORY:
        folder.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(REPOSITORY)
    return folder


def config_file(database):
    """Return the path of a database's configuration file."""
    folder = cache() / "conf"
    folder.mkdir(exist_ok=True)
    return folder / f"{database}.conf"


def write_config(database, port=None, **extra):
    """Write the configuration file for a database; return its path."""
    options = {
        "addons_path": ",".join(map(str, [addons_link(), *odoo.addons_paths()])),
        "data_dir": data_folder(),
        "bin_path": pdf.folder(),
        "db_name": database,
        "dbfilter": f"^{re.escape(database)}$",
        "list_db": False,
        "admin_passwd": os.urandom(12).hex(),
        "http_interface": "127.0.0.1",
        "http_port": port or free_port(),
        "gevent_port": free_port(),
        "max_cron_threads": 1,
        "workers": 0,
        # No request or job is cut off here: a debugger may sit in it.
        "limit_time_cpu": 3600,
        "limit_time_real": 3600,
        "limit_memory_soft": 0,
        "limit_memory_hard": 0,
        "screenshots": screenshots(),
        **extra,
    }
    path = config_file(database)
    lines = "".join(f"{key} = {value}\n" for key, value in options.items())
    path.write_text("[options]\n" + lines)
    path.chmod(0o600)
    return path


def variables():
    """Return the environment in which Odoo and its tests run."""
    env = postgres.variables()
    env["PYTHONPATH"] = str(odoo.home())
    env["PATH"] = os.pathsep.join(
        [str(python.program().parent), str(pdf.folder()), env["PATH"]]
    )
    env["LC_ALL"] = "C.UTF-8"
    env["TZ"] = "UTC"
    return env


def command(*arguments):
    """Return the command line of an Odoo command."""
    return [str(python.program()), "-m", "odoo", *map(str, arguments)]


def free_port():
    """Return a port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_odoo(title, database, name, *arguments, script=None, **config):
    """Run an Odoo command on a database until it ends, showing where it is.

    :param name: Odoo's command, such as "server" or "i18n export".
    :param script: Python text for `odoo shell`, read from standard input.
    :return: the log's lines.
    :raises DevError: with Odoo's own traceback, when the command fails.
    """
    path = write_config(database, **config)
    start = time.monotonic()
    say(f"· {title} ...")
    log = log_file(re.sub(r"[^a-z0-9]+", "-", f"{title} {database}".lower()).strip("-"))
    with log.open("w") as stream:
        process = subprocess.Popen(
            command(*name.split(), "-c", path, *arguments),
            stdin=subprocess.PIPE if script else subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=variables(),
            cwd=cache(),
            text=True,
        )
        if script:
            process.stdin.write(script)
            process.stdin.close()
        try:
            watch(process, log)
        except BaseException:
            end(process)
            raise
    lines = log.read_text(errors="replace").splitlines()
    if process.returncode:
        raise DevError(f"{title}: failed.\n{trouble(lines)}\n    Log: {log}")
    say(f"✓ {title} ({time.monotonic() - start:.0f} s)")
    return lines


def watch(process, log):
    """Wait for a process; on a terminal show the module that Odoo is loading."""
    shown = sys.stdout.isatty()
    while process.poll() is None:
        time.sleep(0.2)
        if shown:
            found = LOADING.findall(log.read_text(errors="replace")[-20000:])
            if found:
                name, number, total = found[-1]
                print(f"\r\033[K    {number}/{total} {name}", end="", flush=True)
    if shown:
        print("\r\033[K", end="", flush=True)


def end(process):
    """Stop a process that we started, softly first."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        killer = threading.Timer(10, process.kill)
        killer.start()
        process.wait()
        killer.cancel()


def entries(lines):
    """Yield (level, text) of log entries, continuation lines joined to theirs."""
    level, text = None, []
    for line in lines:
        match = LOG_LINE.match(line)
        if match:
            if level:
                yield level, "\n".join(text)
            level, text = match["level"], [line]
        elif line.strip():
            level = level or "OUTPUT"
            text.append(line)
    if level:
        yield level, "\n".join(text)


def trouble(lines):
    """Return the log entries that explain a failure, or the end of the log."""
    bad = [t for level, t in entries(lines) if level in ("ERROR", "CRITICAL", "OUTPUT")]
    tests = [text for text in bad if FAILED_TEST.search(text)]
    chosen = tests[:10] or bad[-2:] or ["\n".join(lines[-20:])]
    text = "\n".join(chosen)
    kept = [line for line in text.splitlines() if line.strip(" ~^")]
    if len(kept) > 70:
        kept = [*kept[:10], "...", *kept[-58:]]
    return "\n".join(f"    {line}" for line in kept)


def warnings(lines):
    """Return the warnings and errors in a log that concern us, each once.

    Time, process and database are left out: they only make equal ones differ.
    """
    texts = [
        level + " " + text.split(" ", 5)[-1]
        for level, text in entries(lines)
        if level in ("WARNING", "ERROR", "CRITICAL") and not NOT_OURS.search(text)
    ]
    return list(dict.fromkeys(texts))


def show_warnings(lines, most=8):
    """Print what `warnings` finds: most of Odoo's silent failures leave one."""
    found = warnings(lines)
    for text in found[:most]:
        plain = html.unescape(re.sub(r"<[^>]+>", " ", text))
        where = re.search(r"'xmlid': '(\w+)'", plain)
        plain = " ".join(plain.split("View error context")[0].split())
        plain = re.sub(r"This view may not work.*?Debugging information:", "", plain)
        say("  ! " + textwrap.shorten(plain, 420) + (f" [{where[1]}]" if where else ""))
    if len(found) > most:
        say(f"  ! ... and {len(found) - most} more warnings, see {cache() / 'log'}")
