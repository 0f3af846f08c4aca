"""The web client's assets, built into templates so that no browser test waits for them.

Building takes longer than installing the add-on. Most changes touch no asset, so the
bundles are taken over from an earlier template with the same static files.
"""

import os
import subprocess

from . import postgres, server
from .places import REPOSITORY, digest, manifest
from .ui import DevError, run

# Odoo knows the bundles that pages name, not those that the client fetches later: each
# test would build them anew, and two browsers at once get none.
BUILD = """
qweb = env["ir.qweb"]
qweb._pregenerate_assets_bundles()
for name in (
    "portal.assets_chatter",
    "portal.assets_chatter_style",
    "web.assets_backend_lazy",
    "web.chartjs_lib",
):
    bundle = qweb._get_asset_bundle(name, css=True, js=True)
    bundle.css()
    bundle.js()
env.cr.commit()
"""
OURS = "url LIKE '/web/assets/%'"


def key(base, ours):
    """Return a hash of what the bundles are made of.

    :param base: name of the base template (Odoo's version and modules).
    :param ours: whether the add-on is installed, so that its files belong to them.
    """
    if not ours:
        return "assets " + digest(base, BUILD)
    folder = REPOSITORY / "static"
    parts = [base, BUILD, manifest().get("assets", {})]
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            parts += [str(path.relative_to(folder)), path]
    return "assets " + digest(*parts)


def ensure(database, wanted):
    """Put the bundles into a database, taken over or newly built."""
    for donor in donors(wanted):
        try:
            take_over(donor, database)
            return
        except (DevError, OSError):  # somebody else just removed that template
            continue
    server.run_odoo(
        "Building the web client's assets",
        database,
        "shell",
        "--no-http",
        script=BUILD,
    )


def donors(wanted):
    """Return the templates that hold the same bundles, newest first."""
    return postgres.query(
        "SELECT datname FROM pg_database "
        f"WHERE shobj_description(oid, 'pg_database') = '{wanted}' ORDER BY oid DESC"
    ).split()


def mark(database, wanted):
    """Note in a finished template which bundles it holds."""
    postgres.query(f"COMMENT ON DATABASE \"{database}\" IS '{wanted}'")


def take_over(donor, database):
    """Copy the bundles' attachments and link their files."""
    columns = postgres.query(
        "SELECT string_agg(quote_ident(column_name), ',') "
        "FROM information_schema.columns WHERE table_name = 'ir_attachment' "
        "AND table_schema = 'public' AND column_name NOT IN ('id')",
        database,
    )
    rows = run(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", donor, "-c",
         f"COPY (SELECT {columns} FROM ir_attachment WHERE {OURS}) TO STDOUT"],
        fail="Reading assets failed.",
        env=postgres.variables(),
    )  # fmt: skip
    files = postgres.query(
        f"SELECT DISTINCT store_fname FROM ir_attachment WHERE {OURS} "
        "AND store_fname IS NOT NULL",
        donor,
    ).split()
    store = server.data_folder() / "filestore"
    for name in files:
        target = store / database / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            os.link(store / donor / name, target)
    postgres.query(f"DELETE FROM ir_attachment WHERE {OURS}", database)
    done = subprocess.run(
        ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c",
         f"COPY ir_attachment ({columns}) FROM STDIN"],
        input=rows,
        text=True,
        capture_output=True,
        env=postgres.variables(),
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise DevError(done.stderr)
