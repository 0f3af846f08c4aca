"""Runs inside Odoo for `./dev load`: brings a register in and tells how it went."""

import time

from odoo.addons.complaint_management.tools.problems import Problem
from odoo.addons.complaint_management.wizards.complaint_import_texts import FILE_TEXTS


def bring_in(env, values, only_check, show):
    """Bring a register in as the administrator; commits after each batch.

    :param dict values: of the wizard complaint.import
    :param show: called with each line that the person at the terminal shall read
    :raise ValueError: when the file cannot be used, with the reason
    """
    admin = env.ref("base.user_admin")
    load = env["complaint.import"].with_user(admin)
    load = load.with_context(lang="en_US", allowed_company_ids=admin.company_ids.ids)
    check_words(load, values)
    load = load.create(values)

    def progress(done, total):
        env.cr.commit()
        show(f"  {done} of {total}")

    start = time.monotonic()
    try:
        load._bring_in(only_check=only_check, progress=progress)
    except Problem as problem:
        raise ValueError(load._explain(problem, FILE_TEXTS)) from None
    env.cr.commit()
    report(load, only_check, time.monotonic() - start, show)


def check_words(load, values):
    """Refuse a name that the wizard does not know.

    :raise ValueError: with the names that it knows
    """
    for field in {"mapping", "tz", "encoding"} & set(values):
        known = [
            key for key, _label in load._fields[field]._description_selection(load.env)
        ]
        if values[field] not in known:
            names = "" if len(known) > 20 else f" Known are {', '.join(known)}."
            raise ValueError(f"There is no {field} named “{values[field]}”.{names}")


def report(load, only_check, seconds, show):
    """Tell what came of it, rows at fault by their lines."""
    show(f"Mapping:      {load.used_mapping}; times in {load.used_tz}")
    show(f"Rows in:      {load.row_count}")
    if only_check:
        show(f"Would go in:  {load.new_count}")
    else:
        show(f"Went in:      {load.created_count}")
    show(f"Here already: {load.present_count}")
    show(f"Stayed out:   {load.rejected_count}")
    show(f"Seconds:      {seconds:.1f}")
    for finding in load.finding_ids:
        if finding.kind == "rejected":
            show(f"Line {finding.line} stays out: {finding.text}")
        else:
            show(f"Remark on {where(finding)}: {finding.text}")


def where(finding):
    """Return the lines that a remark is about."""
    if finding.count == 1:
        return f"line {finding.line}"
    return f"{finding.count} rows (lines {finding.lines})"
