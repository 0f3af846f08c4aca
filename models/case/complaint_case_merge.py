from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL, is_html_empty

from ..clocked.complaint_clocked_alert import ALERT, ESCALATION
from .complaint_case_checklist import Point

MANAGER = "complaint_management.group_manager"
MERGED_MAIL = "complaint_management.mail_template_case_merged"
#: What the complaint that remains takes over where it has nothing of its own.
TAKEN_OVER = ("category_id", "date_occurred", "demand", "email_from", "phone")


class ComplaintCase(models.Model):
    """Merging complaints about the same matter, so that nothing is done twice (A7).

    Everything said and handed in moves to the complaint that remains. The other one is
    closed with the outcome "merged": it stays in every report, and whoever comes to it
    is led on by :meth:`_merge_target`.
    """

    _inherit = "complaint.case"

    merged_into_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Merged into (stored)",
        index="btree_not_null",
        copy=False,
        readonly=True,
        ondelete="restrict",
        # Names a complaint that not everybody may see who sees this one.
        groups=fields.NO_ACCESS,
    )
    merged_case_ids = fields.One2many(
        comodel_name="complaint.case",
        inverse_name="merged_into_id",
        groups=fields.NO_ACCESS,
    )
    merge_target_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Merged into",
        compute="_compute_merge_target_id",
        groups="base.group_user",
        help="The complaint in which this one is handled now, if you may see it.",
    )
    merged_count = fields.Integer(
        string="Merged Complaints",
        compute="_compute_merged_count",
        groups="base.group_user",
        help="Complaints merged into this one that you may see.",
    )

    @api.depends("merged_into_id", "outcome")
    @api.depends_context("uid")
    def _compute_merge_target_id(self):
        for case in self:
            # The outcome first: the pointer is read apart from the rest.
            is_merged = case.outcome == "merged" and case._is_merged()
            case.merge_target_id = is_merged and case._merge_target()._filtered_access(
                "read"
            )

    @api.depends("merged_case_ids")
    @api.depends_context("uid")
    def _compute_merged_count(self):
        for case in self:
            case.merged_count = len(case._merged_cases())

    def _merged_cases(self):
        """Complaints merged into these that the user may see."""
        # sudo: the pointer is hidden; what comes out is filtered by rights.
        return self.browse(self.sudo().merged_case_ids.ids)._filtered_access("read")

    def _is_merged(self):
        self.ensure_one()
        # sudo: the pointer is hidden, that there is one is not.
        return bool(self.sudo().merged_into_id)

    def _merge_target(self):
        """The complaint in which this one is handled: itself, or the end of the chain.

        Rights are not looked at: callers check what they show or open.
        """
        self.ensure_one()
        # sudo: the pointer is hidden, and the chain may lead through what is, too.
        target, seen = self.sudo(), set()
        while target.merged_into_id and target.id not in seen:
            seen.add(target.id)
            target = target.merged_into_id
        return self.browse(target.id)

    # Set by merging only --------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # A register may tell of what was merged elsewhere.
        by_default = self.env.context.get("default_outcome")
        if not self._is_history() and any(
            vals.get("outcome", by_default) == "merged" for vals in vals_list
        ):
            self._refuse_merged_by_hand()
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("outcome") == "merged":
            for case in self:
                if case.outcome != "merged" and not case._is_merged():
                    self._refuse_merged_by_hand()
        return super().write(vals)

    def _refuse_merged_by_hand(self):
        raise UserError(
            self.env._(
                "A complaint ends as merged by merging it. Use “Merge” and choose the "
                "complaint that remains."
            )
        )

    def _missing_for(self, phase):
        if phase != "closed" and self._is_merged():
            target = self._merge_target()
            text = self.env._(
                "it was merged into %(target)s and is handled there. If that was "
                "wrong, open that one and split it.",
                # sudo: the number only.
                target=target.sudo().name,
            )
            return [Point(text, where=target)]
        return super()._missing_for(phase)

    # Whether --------------------------------------------------------------------------

    def _merge_obstacle(self, target):
        """Why these complaints cannot be merged into another, as a sentence.

        :return: empty when nothing speaks against it
        """
        target.ensure_one()
        sources = self - target
        if not sources:
            return self.env._("Choose at least two complaints.")
        for case in target | sources:
            problem = case._merge_problem()
            if problem:
                return problem
        for case in sources:
            problem = case._merge_mismatch(target)
            if problem:
                return problem
        return ""

    def _merge_problem(self):
        """What keeps a case from being merged, whatever with."""
        words = {"complaint": self.display_name}
        if self._is_merged():
            return self.env._(
                "%(complaint)s was merged already. Reload the page.", **words
            )
        if self.phase in ("answered", "closed"):
            return self.env._(
                "%(complaint)s is answered or closed: that is on record. Reopen it "
                "first, or mark the new complaint as its repeat.",
                **words,
            )
        return ""

    def _merge_mismatch(self, target):
        """What keeps a case from being merged into just this one."""
        words = {"complaint": self.display_name, "target": target.display_name}
        if self.company_id != target.company_id:
            return self.env._(
                "%(complaint)s belongs to another company than %(target)s.", **words
            )
        # sudo: whose customer a contact is, for handlers who may not read contacts.
        customer = self.sudo().commercial_partner_id
        other = target.sudo().commercial_partner_id
        if customer and other and customer != other:
            return self.env._(
                "%(complaint)s and %(target)s are of different customers. One would "
                "read what the other wrote: they cannot be merged.",
                **words,
            )
        is_manager = self.env.su or self.env.user.has_group(MANAGER)
        if not (customer and other) and not is_manager:
            return self.env._(
                "%(complaint)s or %(target)s has no customer. Find out who complained "
                "and enter the customer, or ask a manager to merge them.",
                **words,
            )
        if self.is_confidential and not target.is_confidential and not is_manager:
            return self.env._(
                "%(complaint)s is confidential, %(target)s is not. Merge the other way "
                "round, or ask a manager.",
                **words,
            )
        return ""

    # How ------------------------------------------------------------------------------

    def _merge_into(self, target, tell=True):
        """Merge complaints into another one that remains; nothing is lost.

        :param target: one case, which may be among ``self``
        :param bool tell: whether the customer gets a mail about it
        :raise UserError: when something speaks against it, see :meth:`_merge_obstacle`
        """
        sources = self - target
        cases = sources | target
        cases.check_access("write")
        cases._merge_lock()
        problem = sources._merge_obstacle(target)
        if problem:
            raise UserError(problem)
        earliest = min(cases.mapped("date_received"))
        addressees = cases._merge_addressees(target)
        sources._merge_protect(target)
        sources._merge_fill(target)
        sources._merge_move_lines(target)
        moved = sources._merge_move_thread(target)
        # sudo: nobody writes the pointer by hand.
        sources.sudo().write({"merged_into_id": target.id})
        sources._log_reason(
            self.env._("Merged into %(target)s", target=target.name), ""
        )
        sources._move_to("closed", outcome="merged")
        sources._merge_move_to_dos(target)
        if earliest < target.date_received:
            target._correct_receipt(
                earliest,
                self.env._(
                    "Merged with %(numbers)s, received earlier",
                    numbers=", ".join(sources.mapped("name")),
                ),
            )
        sources._merge_note(target, moved)
        if tell:
            addressees._send_to_customer(MERGED_MAIL, message_type="auto_comment")

    def _merge_lock(self):
        """Two people who merge the same complaints at once: one of them waits or is
        told, none merges twice."""
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody else is changing one of these complaints at the moment. "
                    "Reload the page and try again."
                )
            ) from error

    def _merge_protect(self, target):
        """What was confidential stays so, for the people of both (H1)."""
        secret = self.filtered("is_confidential")
        if not secret:
            return
        people = secret.confidential_user_ids | secret.user_id
        if not target.is_confidential:
            people |= target.user_id | self.env.user
        target.write(
            {
                "is_confidential": True,
                "confidential_user_ids": [(4, user.id) for user in people],
            }
        )

    def _merge_fill(self, target):
        """Give the complaint that remains what it lacks, and the higher rank."""
        values = {}
        if not target.partner_id and self.partner_id:
            values["partner_id"] = self.partner_id[:1].id
        source = self.filtered("order_id")[:1]
        if not target.order_id and source and not target.product_id:
            values |= {
                "order_id": source.order_id.id,
                "product_id": source.product_id.id,
            }
        elif not target.order_id and not target.product_id:
            values["product_id"] = self.product_id[:1].id
        for name in TAKEN_OVER:
            given = self.filtered(name)[:1]
            if not target[name] and given:
                values[name] = target._fields[name].convert_to_write(given[name], given)
        values["priority"] = max((self | target).mapped("priority"))
        if "major" in self.mapped("nature"):
            values["nature"] = "major"
        if self.tag_ids - target.tag_ids:
            values["tag_ids"] = [(4, tag.id) for tag in self.tag_ids]
        target.write(
            {
                name: value
                for name, value in values.items()
                if target._is_changed(name, value)
            }
        )

    def _merge_move_lines(self, target):
        """Move the records that the case consists of. Concerns that add some extend it.

        What tells of the case itself stays with it: milestones, limits, pauses,
        answers.
        """
        allegations = self.allegation_ids
        # Lines are of the order that the complaint is about.
        allegations.filtered(
            lambda line: (
                line.order_line_id
                # sudo: handlers need no access to sales.
                and line.sudo().order_line_id.order_id != target.sudo().order_id
            )
        ).write({"order_line_id": False})
        allegations.write({"case_id": target.id})

    def _merge_move_thread(self, target):
        """Move messages, files, planned messages and followers.

        :return: dict of how many messages and files
        """
        on_these = [("res_id", "in", self.ids)]
        # sudo: messages and files of others, which move as they are.
        messages = self.env["mail.message"].sudo()
        messages = messages.search([("model", "=", self._name), *on_these])
        files = self.env["ir.attachment"].sudo()
        files = files.search([("res_model", "=", self._name), *on_these])
        for records in (messages, files):
            records.write({"res_id": target.id})
        self._merge_move_planned(target)
        self._merge_follow(target)
        dialogue = list(filter(None, (self | target).mapped("last_dialogue_at")))
        if dialogue:
            # sudo: nobody writes it by hand.
            target.sudo().last_dialogue_at = max(dialogue)
        return {"messages": len(messages), "files": len(files)}

    def _merge_move_planned(self, target):
        """Messages that are to be sent later; Odoo refuses to move them by hand."""
        planned = self.env["mail.scheduled.message"]
        planned.flush_model(["model", "res_id"])
        self.env.execute_query(
            SQL(
                "UPDATE mail_scheduled_message SET res_id = %s"
                " WHERE model = %s AND res_id IN %s RETURNING id",
                target.id,
                self._name,
                tuple(self.ids),
            )
        )
        planned.invalidate_model(["res_id"])

    def _merge_follow(self, target):
        """Who followed one of them follows the one that remains, in the same things."""
        # sudo: followers whom the user may not read.
        followers = self.sudo().message_follower_ids
        present = target.sudo().message_partner_ids
        users = followers.partner_id.user_ids.filtered(lambda user: not user.share)
        barred = users.filtered(lambda user: not target.sudo()._seen_by(user))
        wanted = defaultdict(set)
        for follower in followers:
            partner = follower.partner_id
            if partner not in present and not partner.user_ids & barred:
                wanted[frozenset(follower.subtype_ids.ids)].add(partner.id)
        for subtypes, partners in wanted.items():
            target.sudo().message_subscribe(list(partners), list(subtypes))

    def _merge_move_to_dos(self, target):
        """Move to-dos, done ones too; those about limits went with the limits."""
        limits = [self._to_do_type(name) for name in (ALERT, ESCALATION)]
        # sudo: to-dos of colleagues.
        to_dos = self.env["mail.activity"].sudo().with_context(active_test=False)
        to_dos.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "not in", limits),
            ]
        ).write({"res_id": target.id})

    def _merge_note(self, target, moved):
        """Keep in the complaint that remains what the others said."""
        parts = [
            self.env._(
                "Merged into this complaint (messages: %(messages)s, files: "
                "%(files)s):",
                **moved,
            )
        ]
        for case in self:
            parts.append(
                Markup("<b>%s</b> (%s)") % (case.display_name, case._day_received())
            )
            if not is_html_empty(case.description):
                parts.append(case.description)
            if case.demand:
                parts.append(self.env._("Asked for: %(demand)s", demand=case.demand))
        target._message_log(
            body=Markup("").join(map(Markup("<div>%s</div>").__mod__, parts))
        )

    # The customer ---------------------------------------------------------------------

    def _merge_addressees(self, target):
        """One case for each complainant who is told: once, and in their own one."""
        told = {}
        for case in target | self:
            if case.partner_id.email_normalized:
                told.setdefault(case.partner_id, case)
        return self.browse(case.id for case in told.values())

    def _merge_numbers(self):
        """Numbers of the complaints that are handled together here, for letters."""
        self.ensure_one()
        # sudo: numbers only; complaints of the same customer.
        target = self._merge_target().sudo()
        merged = target.search([("merged_into_id", "=", target.id)])
        numbers = [target.name, *merged.sorted("id").mapped("name")]
        return ", ".join(numbers)

    def message_post(self, **kwargs):
        """What a customer writes to a merged complaint reaches the one that remains."""
        if len(self) == 1 and self._is_merged() and self._merge_by_customer(kwargs):
            target = self._merge_target()
            # sudo, but still the user: the customer may write to the own complaint,
            # whose messages are there now.
            message = target.sudo().message_post(**kwargs)
            message.attachment_ids.sudo().filtered(
                lambda file: file.res_model == self._name and file.res_id == self.id
            ).res_id = target.id
            return message.sudo(False)
        return super().message_post(**kwargs)

    def _merge_by_customer(self, kwargs):
        if kwargs.get("message_type") not in ("comment", "email"):
            return False
        author = self.env["res.partner"].browse(kwargs.get("author_id") or [])
        # sudo: whether the author is a colleague.
        if author:
            return author.sudo().partner_share
        return self.env.user.share or bool(kwargs.get("email_from"))

    # Buttons --------------------------------------------------------------------------

    def action_merge(self):
        """Open the dialogue that merges the chosen complaints."""
        self.check_access("write")
        open_cases = self.filtered(lambda case: not case._merge_problem())
        target = (open_cases or self).sorted(lambda case: (case.date_received, case.id))
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_merge_wizard_action"
        )
        return action | {
            "context": {
                "default_case_ids": self.ids,
                "default_target_id": target[:1].id,
            }
        }

    def action_similar_merge(self, other_id):
        """Open the dialogue for this complaint and one that looks like it.

        :param int other_id: the other one
        """
        self.ensure_one()
        return (self | self.browse(other_id)).action_merge()

    @api.readonly
    def action_view_merged(self):
        """Open the complaints that were merged into this one."""
        self.ensure_one()
        return self._desk_action(
            "complaint_case_action",
            name=self.env._("Merged complaints"),
            domain=[("id", "in", self._merged_cases().ids)],
            context={"create": False},
        )
