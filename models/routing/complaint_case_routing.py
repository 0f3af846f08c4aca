from collections import defaultdict

from odoo import api, fields, models

from .switchboard import Switchboard


class ComplaintCase(models.Model):
    """New complaints find their team and their handler (A5, G4)."""

    _inherit = "complaint.case"

    # Team ---------------------------------------------------------------------------

    @api.model
    def _intake_team(self, vals_list):
        """Choose the team of complaints that name none, by the lines of the teams.

        What no line fits goes to the company's first team. A fixed number of queries.

        :param list[dict] vals_list: values of complaint.case with their company;
            completed in place
        """
        undecided = [vals for vals in vals_list if not vals.get("team_id")]
        if not undecided:
            return
        # sudo: customers and handlers need no access to how complaints are routed.
        lines = (
            self.env["complaint.routing.line"]
            .sudo()
            .search([("team_id.active", "=", True)])
        )
        if not lines:
            return
        drafts = self.env["complaint.rule"].sudo()._drafts(undecided)
        for vals, draft in zip(undecided, drafts, strict=True):
            line = lines._fitting(draft)
            if line:
                vals["team_id"] = line.team_id.id

    # Handler --------------------------------------------------------------------------

    def _intake_route(self):
        """Give complaints that just came in a handler, as their team assigns (A5)."""
        self.filtered(
            lambda case: case.phase == "received" and not case.user_id
        )._route()

    def _route(self):
        """Assign complaints as their teams do it; who fits nobody stays with the team.

        A fixed number of queries for the batch, plus a few for each person assigned.

        :return: those that found a handler
        """
        # sudo: who is there, qualified and how busy does not depend on who asks.
        cases = self.sudo()
        choices = Switchboard(cases, fields.Datetime.now()).choose()
        groups = defaultdict(list)
        for case, choice in choices.items():
            groups[choice.person].append(case.id)
        told = {
            "kind": "routing",
            "notes": {case.id: choice.note for case, choice in choices.items()},
            "turns": {case.id: choice.turn for case, choice in choices.items()},
        }
        for person, ids in groups.items():
            # One note below instead of a message for each changed value.
            cases.browse(ids).with_context(
                complaint_handover=told,
                mail_notrack=True,
                mail_notify_force_send=False,
            ).write({"user_id": person.id})
        assigned = self.browse(case.id for case in choices)
        assigned.sudo()._message_log_batch(
            bodies={
                case.id: self.env._(
                    "Assigned to %(person)s. %(why)s",
                    person=choice.person.name,
                    why=choice.note,
                )
                for case, choice in choices.items()
            }
        )
        return assigned

    def action_assign_automatically(self):
        """Assign the chosen complaints that nobody has taken up."""
        self.check_access("write")
        untaken = self.filtered(
            lambda case: (
                case.phase != "closed"
                # sudo: whether the account is in use, nothing else.
                and (not case.user_id or not case.sudo().user_id.active)
            )
        )
        assigned = untaken._route()
        left = len(untaken) - len(assigned)
        if not untaken:
            message = self.env._("Somebody looks after these complaints already.")
        elif left:
            message = self.env._(
                "%(assigned)s assigned. For %(left)s nobody fits: they stay with the "
                "team. Look at the team's assignment, absences and qualifications.",
                assigned=len(assigned),
                left=left,
            )
        else:
            message = self.env._("%(assigned)s assigned", assigned=len(assigned))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if left else "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
