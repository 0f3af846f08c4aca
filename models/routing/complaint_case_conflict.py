from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

SUPERVISOR = "complaint_management.group_supervisor"


class ComplaintCase(models.Model):
    """Who is complained about does not handle, follow or read the complaint, and is
    not told of it (field.md 9).

    Reading is barred by record rules, on the case and on whatever hangs on it.
    """

    _inherit = "complaint.case"

    involved_user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="complaint_case_involved_rel",
        column1="case_id",
        column2="user_id",
        string="Involved",
        copy=False,
        groups="base.group_user",
        domain=[("share", "=", False)],
        help="The person complained about, and who else has an interest of their own. "
        "They cannot see this complaint, whatever their role, and are not told of it.",
    )
    may_name_involved = fields.Boolean(
        compute="_compute_may_name_involved", groups="base.group_user"
    )

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_may_name_involved(self):
        is_supervisor = self.env.user.has_group(SUPERVISOR)
        for case in self:
            case.may_name_involved = (
                is_supervisor or not case._origin or case.user_id == self.env.user
            )

    @api.constrains("user_id", "involved_user_ids")
    def _check_handler_not_involved(self):
        for case in self:
            # sudo: the check holds whoever writes.
            if case.user_id and case.user_id in case.sudo().involved_user_ids:
                raise ValidationError(
                    self.env._(
                        "%(person)s is involved in %(complaint)s and cannot handle it. "
                        "Choose another handler.",
                        person=case.sudo().user_id.name,
                        complaint=case.display_name,
                    )
                )

    @api.onchange("involved_user_ids")
    def _onchange_involved_user_ids(self):
        if self.user_id and self.user_id._origin in self.involved_user_ids._origin:
            person = self.user_id.name
            self.user_id = False
            return {
                "warning": {
                    "title": self.env._("Choose another handler"),
                    "message": self.env._(
                        "%(person)s handles this complaint and cannot be involved in "
                        "it. Choose another handler; otherwise it goes to the team "
                        "leader or a manager.",
                        person=person,
                    ),
                }
            }
        return None

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        named = cases.browse(
            case.id
            for case, vals in zip(cases, vals_list, strict=True)
            if vals.get("involved_user_ids")
        )
        if named:
            named._keep_out_involved()
        return cases

    def write(self, vals):
        if "involved_user_ids" not in vals:
            return super().write(vals)
        self._check_may_name_involved()
        before = {case: case.involved_user_ids for case in self}
        for case in self:
            super(ComplaintCase, case._told_conflict()).write(
                {**vals, **case._released(vals)}
            )
        self._keep_out_involved()
        self._log_involved(before)
        return True

    def _log_involved(self, before):
        """Who was named, by whom and when, is on record where they cannot read it."""
        nobody = self.env._("nobody")
        self._message_log_batch(
            bodies={
                case.id: self.env._(
                    "Named as involved: %(people)s",
                    # sudo: names, in the note for those who may read the case.
                    people=", ".join(case.sudo().involved_user_ids.mapped("name"))
                    or nobody,
                )
                for case in self
                if case.involved_user_ids != before[case]
            }
        )

    def _check_may_name_involved(self):
        if self.env.su or self.env.user.has_group(SUPERVISOR):
            return
        if any(case.user_id != self.env.user for case in self):
            raise AccessError(
                self.env._(
                    "Only the handler and supervisors may say who is involved in a "
                    "complaint."
                )
            )

    def _told_conflict(self):
        told = {"note": self.env._("The handler was named as involved.")}
        return self.with_context(complaint_handover=told)

    def _released(self, vals):
        """The handler that a case gets when its present one becomes involved."""
        self.ensure_one()
        field = self._fields["involved_user_ids"]
        value = field.convert_to_cache(vals["involved_user_ids"], self)
        involved = field.convert_to_record(value, self)
        handler = self.user_id
        # The form clears the handler itself and leaves the choice to us.
        if vals.get("user_id") or handler not in involved or not handler:
            return {}
        if self.phase == "received":
            return {"user_id": False}
        for person in self._conflict_chain():
            stand_in = person._complaint_stand_in(fields.Datetime.now())
            if (
                stand_in
                and stand_in not in involved
                # sudo: as the other person, whose rights are asked for.
                and self.sudo()._handled_by(stand_in)
            ):
                return {"user_id": stand_in.id}
        raise UserError(
            self.env._(
                "%(person)s handles %(complaint)s, and there is nobody to take it "
                "over. Choose another handler in the same step.",
                person=handler.name,
                complaint=self.display_name,
            )
        )

    def _conflict_chain(self):
        """Whom a case goes to when its handler is involved, in order."""
        # sudo: teams and managers whom the user may not read.
        case = self.sudo()
        leader = case.team_id.user_id
        people = leader | leader.complaint_manager_id | case.confidential_user_ids
        return people | case.company_id._complaint_managers()

    def _keep_out_involved(self):
        """Take everything from involved people that would tell them of the case."""
        # sudo: they are kept out of what the person who names them may not change.
        for case in self.sudo():
            involved = case.involved_user_ids
            partners = involved.partner_id
            if not involved:
                continue
            case.message_unsubscribe(partners.ids)
            case._drop_told(partners)
            if case.confidential_user_ids & involved:
                case.confidential_user_ids -= involved
            activities = case.activity_ids.filtered(
                lambda activity, involved=involved: activity.user_id in involved
            )
            activities = activities.with_context(mail_activity_quick_update=True)
            if case.user_id:
                activities.write({"user_id": case.user_id.id})
            else:
                activities.unlink()

    def _drop_told(self, partners):
        """A message stays readable for whom it was sent to: not for them (but their
        own)."""
        messages = self.env["mail.message"].search(
            [("model", "=", self._name), ("res_id", "in", self.ids)]
        )
        self.env["mail.notification"].search(
            [
                ("mail_message_id", "in", messages.ids),
                ("res_partner_id", "in", partners.ids),
            ]
        ).unlink()
        told = messages.filtered(lambda message: message.partner_ids & partners)
        for message in told:
            message.partner_ids -= partners

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Nobody who is involved is told, whoever mentions them."""
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        # sudo: customers write messages too, and cannot see who is involved.
        barred = set(self.sudo().involved_user_ids.partner_id.ids)
        return [data for data in recipients if data["id"] not in barred]

    def _handled_by(self, person):
        return (
            super()
            ._handled_by(person)
            # sudo: who is involved is hidden; it must hold all the same.
            .filtered(lambda case: person not in case.sudo().involved_user_ids)
        )
