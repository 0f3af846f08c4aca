"""A bare mail.thread model with the fields of complaints, to measure beside them, and a
plain model with the fields of their clocks.

They exist in the registry and the database of one measurement only.
"""

from odoo import fields, models
from odoo.models import LOG_ACCESS_COLUMNS
from odoo.orm.model_classes import add_to_registry

NAME = "complaint.bench.bare"
CASE = "complaint.case"
SUBTYPE = "complaint_management.mt_case_stage"
CHILD = "complaint.bench.child"
CLOCK = "complaint.sla.clock"
#: What the columns of a field depend on, beside its type.
SHAPE = ("string", "index", "tracking", "comodel_name", "selection", "digits")


def install(env):
    """Add both models with their tables, tracked fields and access.

    Every stored column of complaints and clocks is there with its type, its index and
    its tracking, but nothing is computed and nothing happens.

    :param env: of the superuser; is committed
    """
    _define(env, NAME, CASE, ["mail.thread"], _track_subtype=_track_subtype)
    _define(env, CHILD, CLOCK, [])
    env.registry._setup_models__(env.cr, [NAME, CHILD])
    env.registry.init_models(env.cr, [NAME, CHILD], {"module": "complaint_management"})
    env["ir.model.access"].create(
        [
            {
                "name": name,
                "model_id": env["ir.model"]._get_id(name),
                "group_id": env.ref("base.group_user").id,
                "perm_read": True,
                "perm_write": True,
                "perm_create": True,
                "perm_unlink": False,
            }
            for name in (NAME, CHILD)
        ]
    )
    env.cr.commit()


def _track_subtype(self, initial_values):
    # As complaints do: a new stage is a message that people can follow.
    if "stage_id" in initial_values and not self.env.context.get("bench_no_subtype"):
        return self.env["mail.message.subtype"].browse(
            self.env["ir.model.data"]._xmlid_to_res_id(SUBTYPE)
        )
    return False


def _define(env, name, like, inherit, **methods):
    inherited = {field for parent in inherit for field in env[parent]._fields}
    definition = type(
        "BareModel",
        (models.Model,),
        {
            "_module": None,
            "_name": name,
            "_inherit": inherit,
            "_description": "Bare model to measure beside",
            "_order": env[like]._order,
            **methods,
            **{
                field.name: _plain(field)
                for field in stored(env[like])
                if field.name not in inherited
            },
        },
    )
    add_to_registry(env.registry, definition)


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
    if field.type == "many2one" and field.comodel_name == CASE:
        shape["comodel_name"] = NAME
    if field.type == "many2one":
        shape["ondelete"] = "restrict" if field.required else "set null"
    return fields.Field._by_type__[field.type](**shape)


def values_of(record):
    """What a complaint or clock ended up with, to be given to a bare record as it is.

    :param record: one, computed fields included
    :return: dict
    """
    names = [field.name for field in stored(record)]
    # sudo: some columns are readable by nobody.
    values = record.sudo().read(names, load=False)[0]
    del values["id"]
    return values
