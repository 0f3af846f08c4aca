"""Making the machine ready: everything that the other commands stand on."""

from . import debian, odoo, pdf, postgres, python
from .places import cache
from .ui import in_parallel


def machine():
    """Fetch and install what is missing, then start the database server.

    Quick when nothing is missing. Debian packages come first only where Python
    needs them; else the three downloads run side by side.
    """
    cache()
    missing = debian.missing_packages(postgres.is_ours())
    if "python3-venv" in missing:
        debian.install(missing)
        missing = []
    in_parallel(
        lambda: debian.install(missing),
        odoo.ensure,
        lambda: (python.ensure(), pdf.ensure()),
    )
    postgres.ensure()
