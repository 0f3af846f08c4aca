from markupsafe import Markup

from odoo import api, fields, models

#: To-do of the handler: a limit is near or passed.
ALERT = "complaint_management.mail_activity_type_deadline"
#: To-do of whom a limit was escalated to.
ESCALATION = "complaint_management.mail_activity_type_escalation"


class ComplaintClockedMixin(models.AbstractModel):
    """To-dos about limits: one for who is in charge however many are near or passed,
    and one for each person to whom they were escalated (C5)."""

    _inherit = "complaint.clocked.mixin"

    def write(self, vals):
        result = super().write(vals)
        if {"user_id", "team_id"}.intersection(vals):
            # sudo: the to-do moves with the case, whoever hands it over.
            self.sudo()._clocks_alert(raise_new=False)
        return result

    # Of the handler -----------------------------------------------------------------

    def _clocks_alert(self, raise_new=True):
        """Keep the to-dos about limits that are near or passed up to date (C5).

        However many limits a case has, its handler has one to-do that says what is
        due; it goes when nothing is, and so do those of whom they were escalated to.

        :param bool raise_new: whether something new happened. Otherwise a to-do that
            is there is brought up to date, and one that was done is not raised again.
        """
        if not self:
            return
        alert = self._to_do_type(ALERT)
        held = self._to_dos_about_limits()
        if not held and not (alert and raise_new):
            return
        mine = held.filtered(lambda to_do: to_do.activity_type_id.id == alert)
        others = (held - mine).grouped("res_id")
        mine = mine.grouped("res_id")
        people = self._clock_responsibles() if mine or raise_new else {}
        obsolete, new = [], []
        for case in self:
            clocks = case._alarming_clocks()
            to_do = mine.get(case.id, held.browse())[:1]
            obsolete += mine.get(case.id, held.browse())[1:].ids
            if not clocks:
                obsolete += to_do.ids + others.get(case.id, held.browse()).ids
                continue
            for other in others.get(case.id, held.browse()):
                other.write(case._alert_values(clocks, other.user_id, escalated=True))
            if to_do:
                person = people[case] if to_do.automated else to_do.user_id
                values = case._alert_values(clocks, person)
                if person != to_do.user_id:
                    values["user_id"] = person.id
                to_do.write(values)
            elif alert and raise_new and people[case]:
                new.append(
                    case._to_do_values(alert, people[case])
                    | case._alert_values(clocks, people[case])
                )
        held.browse(obsolete).unlink()
        held.create(new)

    def _is_clocked(self):
        """Whether somebody must still be told about its limits."""
        return True

    def _alarming_clocks(self):
        """Clocks that the handler must know about, the most urgent first."""
        self.ensure_one()
        if not self._is_clocked():
            return self.clock_ids.browse()
        return self.clock_ids.filtered(
            lambda clock: (
                clock.deadline
                and not clock.ended_at
                and (clock.warned_at or clock.breached_at or clock.escalated_at)
            )
        ).sorted(lambda clock: (clock.deadline, clock.id))

    def _alert_values(self, clocks, person, escalated=False):
        """What the to-do says, in the language and time zone of who has it."""
        self.ensure_one()
        env = clocks.with_context(lang=person.lang or self.env.lang).env
        milestones = dict(clocks._fields["milestone"]._description_selection(env))
        lines = []
        for clock in clocks:
            zone = person.tz or clock.tz
            values = {
                "milestone": milestones[clock.milestone],
                "when": clock.with_env(env)
                .with_context(tz=zone)
                ._due_words(clock.deadline),
            }
            if clock.breached_at:
                lines.append(env._("%(milestone)s: was due %(when)s", **values))
            else:
                lines.append(env._("%(milestone)s: due %(when)s", **values))
        first = lines[0]
        return {
            "summary": env._("Escalated. %(limit)s", limit=first)
            if escalated
            else first,
            "note": Markup("<ul>%s</ul>")
            % Markup().join(Markup("<li>%s</li>") % line for line in lines),
            "date_deadline": fields.Datetime.context_timestamp(
                clocks[0].with_context(tz=person.tz or clocks[0].tz),
                clocks[0].deadline,
            ).date(),
        }

    def _alert_values_for(self, person, kind):
        """What a to-do about limits says to somebody it is passed on to.

        :param int kind: activity type, one of ours
        :return: values; none when nothing is alarming any more
        """
        self.ensure_one()
        # sudo: what it says is the system's, whoever passes it on.
        case = self.sudo()
        clocks = case._alarming_clocks()
        escalated = kind == self._to_do_type(ESCALATION)
        return (
            clocks and case._alert_values(clocks, person, escalated=escalated)
        ) or {}

    # Of whom limits are escalated to --------------------------------------------------

    def _escalation_to_dos(self, steps):
        """Give people a to-do on what was escalated to them, unless they have one.

        :param list steps: of Step
        """
        kind = self._to_do_type(ESCALATION)
        wanted = {(step.clock._subject(), step.person) for step in steps}
        if not wanted or not kind:
            return
        held = self._to_dos_about_limits()
        by_person = {(to_do.res_id, to_do.user_id): to_do for to_do in held}
        new = []
        # In a fixed order, whatever the order of a set is.
        for case, person in sorted(wanted, key=lambda pair: (pair[0].id, pair[1].id)):
            clocks = case._alarming_clocks()
            to_do = by_person.get((case.id, person))
            if not clocks:
                continue
            if not to_do:
                new.append(
                    case._to_do_values(kind, person)
                    | case._alert_values(clocks, person, escalated=True)
                )
            elif to_do.activity_type_id.id == kind:
                to_do.write(case._alert_values(clocks, person, escalated=True))
        held.create(new)

    def _escalation_to_dos_done(self, person):
        """Who acknowledged an escalation has done that to-do."""
        kind = self._to_do_type(ESCALATION)
        to_dos = self._to_dos_about_limits().filtered(
            lambda to_do: to_do.activity_type_id.id == kind and to_do.user_id == person
        )
        if to_dos:
            to_dos.with_context(complaint_acknowledged=True).action_feedback()

    # Both -----------------------------------------------------------------------------

    @api.model
    def _to_do_type(self, xmlid):
        """Id of an activity type of ours, or False where somebody deleted it."""
        return self.env["ir.model.data"]._xmlid_to_res_id(xmlid)

    def _to_dos_about_limits(self):
        """Open to-dos of both kinds on these cases; one query."""
        kinds = filter(None, map(self._to_do_type, (ALERT, ESCALATION)))
        # sudo: they are the system's. The notice is the to-do itself: no mail for each.
        return (
            self.env["mail.activity"]
            .sudo()
            .with_context(mail_activity_quick_update=True)
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "in", list(kinds)),
                ]
            )
        )

    def _to_do_values(self, kind, person):
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "activity_type_id": kind,
            "user_id": person.id,
            "automated": True,
        }
