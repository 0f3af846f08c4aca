"""`./dev load`: bring a register of complaints into the demo database."""

import base64
import subprocess
from pathlib import Path

from . import cmd_run, prepare, server
from .places import REPOSITORY, cache, locked, log_file
from .ui import DevError, say

HELP = "bring a register of complaints (CSV) into the demo database"
DESCRIPTION = """\
Brings the complaints of a CSV file into the database of ./dev run, as the web client
does under Configuration / Bring in a Register. Repeating it adds nothing; rows that
cannot go in are named by line with the reason, and the others go in. How columns become
values is told by a mapping, see data/mappings/README.md; without --mapping the shipped
one that fits the columns is taken.
"""
#: Begins the lines that the person shall read, and those that tell of a failure.
SHOWN = "@load:"
FAILED = "@load-failed:"
SCRIPT = """
import runpy

def show(text):
    print({shown!r} + text, flush=True)

try:
    runpy.run_path({path!r})["bring_in"](env, {values!r}, {check!r}, show)
except ValueError as error:
    print({failed!r} + str(error), flush=True)
"""


def arguments(parser):
    """Add the command's options."""
    parser.add_argument("file", metavar="FILE.csv", type=Path)
    parser.add_argument(
        "--mapping",
        metavar="NAME_OR_FILE",
        help="a shipped mapping (regulator_register, plain_register), or your file",
    )
    parser.add_argument(
        "--tz", metavar="ZONE", help="zone of the times, e.g. Europe/Berlin"
    )
    parser.add_argument("--encoding", help="of the file, e.g. cp1252 or gb18030")
    parser.add_argument(
        "--check", action="store_true", help="only say what would happen"
    )
    parser.add_argument("-d", "--database", help="another database than the demo's")


def run(options, _rest):
    """Bring the file in."""
    values = wizard_values(options)
    prepare.machine()
    if not options.database:
        with locked("demo"):
            cmd_run.ensure_demo(cmd_run.port())
    script = SCRIPT.format(
        path=str(REPOSITORY / "devkit" / "load.py"),
        values=values,
        check=options.check,
        shown=SHOWN,
        failed=FAILED,
    )
    run_script(options.database or cmd_run.DATABASE, script)


def wizard_values(options):
    """Return the values of the dialogue that the options stand for.

    :raises DevError: when a file cannot be read.
    """
    values = {"file": encoded(options.file), "filename": options.file.name}
    mapping = options.mapping
    if mapping and (mapping.endswith(".toml") or "/" in mapping):
        values |= {"mapping": "own", "mapping_file": encoded(Path(mapping))}
    elif mapping:
        values["mapping"] = mapping
    if options.tz:
        values["tz"] = options.tz
    if options.encoding:
        values["encoding"] = options.encoding
    return values


def encoded(path):
    """Return a file's content in base64."""
    try:
        return base64.b64encode(path.read_bytes()).decode()
    except OSError as error:
        raise DevError(f"Cannot read {path}: {error.strerror}.") from error


def run_script(database, script):
    """Run a script in `odoo shell`, passing on what it wants to be shown.

    :raises DevError: when it fails, or the file cannot be used.
    """
    config = server.write_config(database)
    log = log_file(f"load-{database}")
    failure = None
    with log.open("w") as stream:
        process = subprocess.Popen(
            server.command("shell", "-c", config, "--no-http"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stream,
            env=server.variables(),
            cwd=cache(),
            text=True,
        )
        try:
            process.stdin.write(script)
            process.stdin.close()
            for line in process.stdout:
                if line.startswith(SHOWN):
                    say(line.removeprefix(SHOWN).rstrip())
                elif line.startswith(FAILED):
                    failure = line.removeprefix(FAILED).rstrip()
            process.wait()
        finally:
            server.end(process)
    if failure:
        raise DevError(failure)
    if process.returncode:
        lines = log.read_text(errors="replace").splitlines()
        raise DevError(f"The register was not brought in.\n{server.trouble(lines)}")
