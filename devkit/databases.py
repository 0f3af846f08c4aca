"""Databases: templates that are built once and copied in half a second.

base template    Odoo with the modules that the add-on needs, without or with demo
                 data; its name carries a hash of Odoo, Python packages and modules
module template  a copy of it with the add-on installed and the web client's assets
                 built; the hash covers the repository's files as well
"""

import os
import re
import shutil
from pathlib import Path

from . import assets, odoo, postgres, server
from .places import (
    MODULE,
    REPOSITORY,
    digest,
    locked,
    manifest,
    repository_digest,
    settings,
)
from .ui import DevError, run

KEPT = 3
LIST = "SELECT datname FROM pg_database ORDER BY oid"
OURS = re.compile(
    r"complaints|(base|demo)-[0-9a-f]{10}(-[0-9a-f]{10})?(-new)?"
    r"|(accept|bench|i18n|kept|test|uninstall)-\d+(-gw\d+)?"
)
WORKING_COPY = re.compile(r"(?:accept|bench|i18n|test|uninstall)-(\d+)(?:-gw\d+)?")


def exists(name):
    """Return whether a database exists."""
    found = postgres.query(f"SELECT 1 FROM pg_database WHERE datname = '{name}'")
    return found == "1"


def ours():
    """Return every database of ./dev on the server in use."""
    return [n for n in postgres.query(LIST).split() if OURS.fullmatch(n)]


def working_copy(kind):
    """Return a name for a copy that this process uses and drops.

    Copies left behind by processes that were killed are dropped now.
    """
    stores = server.data_folder() / "filestore"
    if postgres.is_ours() and stores.exists():
        for name in {*ours(), *os.listdir(stores)}:
            match = WORKING_COPY.fullmatch(name)
            if match and not Path("/proc", match[1]).exists():
                drop(name)
    return f"{kind}-{os.getpid()}"


def filestore(name):
    """Return the folder with a database's files."""
    return server.data_folder() / "filestore" / name


def drop(name):
    """Remove a database and its files, whoever is connected to it."""
    run(
        ["dropdb", "--if-exists", "--force", name],
        fail=f"The database {name} could not be removed.",
        env=postgres.variables(),
    )
    shutil.rmtree(filestore(name), ignore_errors=True)
    server.config_file(name).unlink(missing_ok=True)


def copy(source, name):
    """Copy a database with its files.

    Files of the store never change once written, so links will do.
    """
    drop(name)
    run(
        ["createdb", "-T", source, name],
        fail=f"The database {source} could not be copied.",
        env=postgres.variables(),
    )
    if filestore(source).exists():
        shutil.copytree(filestore(source), filestore(name), copy_function=os.link)


def rename(source, name):
    """Give a finished database its name, files included."""
    shutil.rmtree(filestore(name), ignore_errors=True)
    if filestore(source).exists():
        filestore(source).rename(filestore(name))
    postgres.query(f'ALTER DATABASE "{source}" RENAME TO "{name}"')
    server.config_file(source).unlink(missing_ok=True)


def base_modules(extra=()):
    """Return the modules that stand in a database before the add-on comes."""
    wanted = {*manifest().get("depends", []), *settings()["modules"], *extra}
    return sorted(wanted - {MODULE})


def base_key(demo, extra=()):
    """Return the name of the base template."""
    packages = REPOSITORY / "requirements.txt"
    languages = settings()["languages"]
    key = digest(odoo.identity(), packages, base_modules(extra), languages)
    return f"{'demo' if demo else 'base'}-{key}"


def module_key(demo, extra=()):
    """Return the name of the module template."""
    return f"{base_key(demo, extra)}-{digest(repository_digest())}"


def ensure_base(demo, extra=()):
    """Return the name of the base template, building it when missing."""
    name = base_key(demo, extra)
    with locked(name):
        if not exists(name):
            modules = base_modules(extra)
            build(
                name,
                f"Preparing Odoo with {', '.join(modules)}"
                + (" and demo data" if demo else ""),
                modules,
                demo,
            )
            forget(name)
    return name


def ensure_module(demo, extra=()):
    """Return the name of the module template, building it when missing."""
    name = module_key(demo, extra)
    base = ensure_base(demo, extra)
    with locked(base + "-module"):
        if not exists(name):
            title = f"Installing {MODULE}" + (" with demo data" if demo else "")
            lines = build(name, title, [MODULE], demo, source=base)
            server.show_warnings(lines)
            forget(name)
    return name


def build(name, title, modules, demo, source=None):
    """Install modules into a scratch database, which takes its name at the end.

    The web client's assets belong to it, or the first browser test would wait.
    """
    scratch = f"{name}-new"
    drop(scratch)
    if source:
        copy(source, scratch)
    try:
        lines = install(scratch, title, modules, demo)
        wanted = assets.key(source or name, ours=bool(source))
        assets.ensure(scratch, wanted)
        rename(scratch, name)
        assets.mark(name, wanted)
    except BaseException:
        drop(scratch)
        raise
    return lines


def install(database, title, modules, demo):
    """Install modules; Odoo itself only warns about those that it cannot find."""
    lines = server.run_odoo(
        title,
        database,
        "server",
        "--no-http",
        "--stop-after-init",
        "--max-cron-threads=0",
        f"--init={','.join(modules)}",
        f"--load-language={','.join(settings()['languages'])}",
        *(["--with-demo"] if demo else []),
    )
    for module in modules:
        if module_state(database, module) != "installed":
            raise DevError(
                f"The module {module} was not installed (state: "
                f"{module_state(database, module) or 'unknown to Odoo'}).\n"
                + server.trouble(lines)
            )
    if any("demo data failed" in text for text in server.warnings(lines)):
        raise DevError(f"{title}: demo data failed.\n{server.trouble(lines)}")
    return lines


def module_state(database, module):
    """Return a module's state in a database."""
    return postgres.query(
        f"SELECT state FROM ir_module_module WHERE name = '{module}'", database
    )


def forget(name):
    """Remove older siblings of a new template; the latest few may be in use."""
    shape = re.compile(re.sub("[0-9a-f]{10}", "[0-9a-f]{10}", name))
    siblings = [n for n in ours() if shape.fullmatch(n)]
    for old in siblings[:-KEPT]:
        drop(old)
