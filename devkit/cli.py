"""The command line: `./dev COMMAND`."""

import argparse
import errno
import importlib
import os
import signal
import sys

from .ui import DevError, abort

COMMANDS = [
    "run",
    "test",
    "accept",
    "lint",
    "bench",
    "load",
    "i18n",
    "shell",
    "shot",
    "clean",
]
EPILOG = """\
Everything that is fetched or built lies in a cache folder outside the repository
(${XDG_CACHE_HOME:-~/.cache}/complaint_management). Variables:

  PORT        port of ./dev run (8069)
  ODOO_HOME   folder with an Odoo 19 that you already have
  PGHOST ...  a PostgreSQL server that you already have (libpq's usual variables)

Every command may be repeated and interrupted at any time.
"""


def main(argv):
    """Run a command; return the exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options, rest = parse(argv)
    try:
        return options.run(options, rest) or 0
    except DevError as error:
        return abort(error)
    except KeyboardInterrupt:
        return abort("Interrupted.") + 129
    except BrokenPipeError:  # whoever read our output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return abort(f"The disk is full: {error}")
        raise


def parse(argv):
    """Return the options, and the arguments meant for another program."""
    parser = argparse.ArgumentParser(
        prog="./dev",
        description="Develops the complaint_management add-on for Odoo 19.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = importlib.import_module(f".cmd_{name}", __package__)
        command = subparsers.add_parser(
            name,
            help=module.HELP,
            description=module.DESCRIPTION,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        module.arguments(command)
        command.set_defaults(run=module.run, rest=hasattr(module, "names_tests"))
    options, rest = parser.parse_known_args(argv)
    if rest and not options.rest:
        parser.error(f"unknown arguments: {' '.join(rest)}")
    return options, rest
