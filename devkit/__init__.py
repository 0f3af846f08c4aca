"""What `./dev` is made of: standard library only, one concern per file.

It never becomes part of a running Odoo: the add-on's root `__init__.py` does not
import it.
"""
