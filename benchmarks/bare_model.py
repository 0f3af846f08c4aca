"""A bare mail.thread model with the fields of complaints, to measure beside them.

It exists in the registry and the database of one measurement only.
"""

from odoo import fields, models
from odoo.models import LOG_ACCESS_COLUMNS
from odoo.orm.model_classes import add_to_registry

NAME = "complaint.bench.bare"
CASE = "complaint.case"
#: What the columns of a field depend on, beside its type.
SHAPE = ("string", "index", "tracking", "comodel_name", "selection", "digits")


def install(env):
    """Add the model with its table, tracked fields and access; return it.

    Every stored column of complaints is there with its type, its index and its
    tracking, but nothing is computed and nothing happens.

    :param env: of the superuser; is committed
    """
    columns = {
        field.name: _plain(field)
        for field in stored(env[CASE])
        if field.name not in env["mail.thread"]._fields
    }
    definition = type(
        "BareModel",
        (models.Model,),
        {
            "_module": None,
            "_name": NAME,
            "_inherit": ["mail.thread"],
            "_description": "Bare model to measure beside",
            "_order": env[CASE]._order,
            **columns,
        },
    )
    add_to_registry(env.registry, definition)
    env.registry._setup_models__(env.cr, [NAME])
    env.registry.init_models(env.cr, [NAME], {"module": "complaint_management"})
    model_id = env["ir.model"]._get_id(NAME)
    env["ir.model.access"].create(
        {
            "name": NAME,
            "model_id": model_id,
            "group_id": env.ref("base.group_user").id,
            "perm_read": True,
            "perm_write": True,
            "perm_create": True,
            "perm_unlink": False,
        }
    )
    env.cr.commit()
    return env[NAME]


def stored(model):
    """The fields of a model that are columns of its own."""
    return [
        field
        for field in model._fields.values()
        if field.store
        and field.column_type
        and field.name not in ("id", *LOG_ACCESS_COLUMNS)
    ]


def _plain(field):
    shape = {
        name: value
        for name in SHAPE
        if (value := getattr(field, name, None)) is not None
    }
    if field.type == "selection":
        shape["selection"] = field.selection
    if field.type == "html":
        shape |= {"sanitize_attributes": True, "sanitize_form": True}
    if field.type == "many2one":
        shape["ondelete"] = "restrict" if field.required else "set null"
    return fields.Field._by_type__[field.type](**shape)


def values_of(case):
    """What a complaint ended up with, to be given to a bare record as it is.

    :param case: one complaint, computed fields included
    :return: dict without the number
    """
    names = [field.name for field in stored(case.env[NAME])]
    # sudo: some columns are readable by nobody.
    values = case.sudo().read(names, load=False)[0]
    del values["id"]
    return values
