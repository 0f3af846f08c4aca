from collections import defaultdict

from odoo import models
from odoo.exceptions import MissingError


class ComplaintCase(models.Model):
    """What was changed is noted in each complaint, and told once to those who follow.

    Odoo posts the note about each record by itself and writes a mail about each to
    everybody who follows; who moves eighty complaints then waits, and so many mails
    are read by nobody.
    """

    _inherit = "complaint.case"

    def _message_track(self, fields_iter, initial_values_dict):
        """Changes of several complaints are noted with a few queries."""
        together = self._tracked_together() if fields_iter else self.browse()
        if len(together) < 2:
            return super()._message_track(fields_iter, initial_values_dict)
        tracking = super(ComplaintCase, self - together)._message_track(
            fields_iter, initial_values_dict
        )
        changes = together._tracked_changes(fields_iter, initial_values_dict)
        groups = defaultdict(self.browse)
        for case in together.browse(changes):
            names, values = changes[case.id]
            initial = initial_values_dict[case.id]
            subtype = names and case._track_subtype(
                {name: initial[name] for name in names}
            )
            if subtype or values:
                groups[subtype or self.env["mail.message.subtype"]] |= case
        for subtype, cases in groups.items():
            cases._note_changes({case.id: changes[case.id] for case in cases}, subtype)
        return tracking | changes

    def _tracked_together(self):
        """Those whose change needs nothing of its own.

        Confidential complaints are not named in notices; an author or a text of its
        own belongs to one message.
        """
        data = self.env.cr.precommit.data
        special = {
            case_id
            for kind in ("author", "message")
            for case_id in data.get(f"mail.tracking.{kind}.{self._name}", ())
        }
        return self.exists().filtered(
            lambda case: case.id not in special and not case.is_confidential
        )

    def _tracked_changes(self, names, initial_values):
        """What changed, as Odoo's tracking tells it: {id: (names, commands)}"""
        tracked = self.fields_get(
            names, attributes=("string", "type", "selection", "currency_field")
        )
        changes = {}
        for case in self:
            try:
                changes[case.id] = case._mail_track(tracked, initial_values[case.id])
            except MissingError:
                continue
        return changes

    def _note_changes(self, changes, subtype):
        """Write the notes, and tell who follows this kind of change.

        :param dict changes: {id: (names, commands)}
        :param subtype: mail.message.subtype; empty: a note that nobody is told of
        """
        messages = self._message_log_batch(
            bodies={
                case.id: case._track_get_default_log_message(changes[case.id][0])
                for case in self
            }
        )
        # sudo: as Odoo does; the values are those of fields that somebody changed.
        self.env["mail.tracking.value"].sudo().create(
            [
                {**values, "mail_message_id": message.id}
                for case, message in zip(self, messages, strict=True)
                for _create, _id, values in changes[case.id][1]
            ]
        )
        if subtype:
            messages.subtype_id = subtype
            self._announce(
                subtype,
                lambda cases: cases.env._(
                    "%(count)s complaints: %(what)s",
                    count=len(cases),
                    what=subtype.with_env(cases.env).name,
                ),
            )
