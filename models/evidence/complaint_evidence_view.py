from datetime import timedelta

from odoo import fields, models

#: Reading these is looking into the piece, not only at the list.
INSIDE = {"description", "judgement_note"}
#: Whoever looks again within this time is not written down again.
VIEW_AGAIN = timedelta(hours=1)


class ComplaintEvidence(models.Model):
    """Who looked into evidence from outside the team that handles it (D3, H2)."""

    _inherit = "complaint.evidence"

    def _read_format(self, fnames, load="_classic_read"):
        if not self.env.su and INSIDE.intersection(fnames):
            self._note_view()
        return super()._read_format(fnames, load=load)

    def _note_view(self, person=None, note=""):
        """Write down that somebody looked, unless the team itself did.

        :param str person: who, where it was no user of the system
        """
        # sudo: whether somebody looked, whoever it was.
        pieces = self.sudo()
        who = ("person", "=", person)
        if not person:
            user = self.env.user
            who = ("user_id", "=", user.id)
            pieces = pieces.filtered(lambda piece: not piece._is_of_team(user))
        if not pieces:
            return
        known = pieces.env["complaint.custody"].search(
            [
                ("evidence_id", "in", pieces.ids),
                ("kind", "=", "viewed"),
                ("note", "=", note or False),
                ("at", ">", fields.Datetime.now() - VIEW_AGAIN),
                who,
            ]
        )
        (pieces - known.evidence_id)._custody("viewed", note, person=person)

    def _is_of_team(self, user):
        """Whether somebody handles the complaint: alone, in the team, as its leader."""
        case = self.case_id
        team = case.team_id
        return (
            user in (case.user_id | team.user_id | team.member_ids)
            or user == self.collected_by_id
            # A team without members is every handler's.
            or (
                not team.member_ids
                and user.has_group("complaint_management.group_handler")
            )
        )
