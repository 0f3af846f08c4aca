from markupsafe import Markup

from odoo import api, models
from odoo.tools import SQL

ASSIGNED = "mail.message_user_assigned"
RECEIVED = "complaint_management.mt_case_received"
#: Complaints named one by one in a notice.
NAMED = 50


class ComplaintCase(models.Model):
    """Telling staff what came in and what they were given.

    One notice, however many complaints: who is given eighty at once gets one mail,
    not eighty.
    """

    _inherit = "complaint.case"

    @api.model_create_multi
    def create(self, vals_list):
        """Several complaints registered at once are announced together; history is
        not announced at all."""
        if self._is_history():
            quiet = self.with_context(tracking_disable=True)
            cases = super(ComplaintCase, quiet).create(vals_list).with_env(self.env)
            cases._follow_quietly()
            return cases
        if self.env.context.get("tracking_disable") or len(vals_list) < 2:
            return super().create(vals_list)
        quiet = self.with_context(
            mail_auto_subscribe_no_notify=True,
            mail_create_nolog=True,
            complaint_subscribe_together=True,
        )
        cases = super(ComplaintCase, quiet).create(vals_list).with_env(self.env)
        cases._subscribe_together()
        if not self.env.context.get("mail_create_nolog"):
            cases._log_created()
            cases._announce_received()
        given = cases.filtered(lambda case: case.user_id - self.env.user)
        for user, own in given.grouped("user_id").items():
            own.with_context(lang=user.lang)._message_auto_subscribe_notify(
                user.partner_id.ids, ASSIGNED
            )
        return cases

    def _log_created(self):
        """Note in each complaint that it was registered; the notes are all the same.

        One is written by Odoo, the others are copies of its row: each by itself costs
        as much as its complaint.
        """
        message = self[:1]._message_log_batch(
            bodies={self[:1].id: self[:1]._creation_message()}
        )
        message.flush_recordset()
        table = SQL.identifier(message._table)
        columns = SQL(", ").join(
            SQL.identifier(field.name)
            for field in message._fields.values()
            if field.store and field.column_type and field.name not in ("id", "res_id")
        )
        self.env.execute_query(
            SQL(
                "INSERT INTO %(table)s (res_id, %(columns)s) "
                "SELECT copy.res_id, %(columns)s FROM %(table)s, unnest(%(ids)s) "
                "AS copy(res_id) WHERE id = %(id)s RETURNING id",
                table=table,
                columns=columns,
                ids=self[1:].ids,
                id=message.id,
            )
        )
        self.invalidate_recordset(
            [
                field.name
                for field in self._fields.values()
                if field.type == "one2many" and field.comodel_name == message._name
            ],
            flush=False,
        )

    def _message_auto_subscribe(self, updated_values, followers_existing_policy="skip"):
        """A new complaint has its team's followers also where the team was not given
        but chosen by default. Odoo says "update" when a record is created."""
        if followers_existing_policy == "update" and self:
            if self.env.context.get("complaint_subscribe_together"):
                return True
            [(values, _cases)] = self._by_whom_to_subscribe()
            updated_values = values | updated_values
        return super()._message_auto_subscribe(
            updated_values, followers_existing_policy=followers_existing_policy
        )

    def _subscribe_together(self):
        """Subscribe handlers and who follows the team, with a few queries for all
        complaints of one team and handler; Odoo asks for each record by itself."""
        for values, cases in self._by_whom_to_subscribe():
            cases.with_context(
                mail_auto_subscribe_no_notify=True
            )._message_auto_subscribe(values, followers_existing_policy="update")

    def _by_whom_to_subscribe(self):
        """What decides who follows, with the complaints for which it is the same.

        :return: list of ({field: id}, cases)
        """
        subtypes = self.env["mail.message.subtype"]
        related = subtypes._get_auto_subscription_subtypes(self._name)[-1]
        names = sorted({"user_id"}.union(*related.values()) & self._fields.keys())
        # sudo: whoever registers a complaint need not be allowed to read its team.
        groups = self.sudo().grouped(
            lambda case: tuple(case[name].id for name in names)
        )
        return [
            (dict(zip(names, ids, strict=True)), cases.sudo(self.env.su))
            for ids, cases in groups.items()
        ]

    def _follow_quietly(self):
        """Handlers of open cases hear of what happens from now on."""
        open_cases = self.filtered(lambda case: case.user_id and case.phase != "closed")
        for user, cases in open_cases.grouped("user_id").items():
            cases.message_subscribe(user.partner_id.ids)

    def _announce_received(self):
        """Tell staff who follow new complaints, such as followers of the team."""
        subtype_id = self.env["ir.model.data"]._xmlid_to_res_id(RECEIVED)
        self._announce(
            self.env["mail.message.subtype"].browse(subtype_id),
            lambda cases: cases.env._(
                "%(count)s complaints received", count=len(cases)
            ),
        )

    def _announce(self, subtype, headline):
        """Tell staff who follow what happened to complaints: one notice for each.

        Confidential ones are left out: a notice names the subject (H1).

        :param subtype: mail.message.subtype that they follow
        :param headline: function of the complaints (in the reader's language)
        """
        open_to_all = self.filtered(lambda case: not case.is_confidential)
        # sudo: who follows is nobody's secret here, only whom to tell.
        followers = (
            self.env["mail.followers"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", open_to_all.ids),
                    ("subtype_ids", "in", subtype.ids),
                    ("partner_id", "!=", self.env.user.partner_id.id),
                    ("partner_id.partner_share", "=", False),
                ]
            )
        )
        for partner, rows in followers.grouped("partner_id").items():
            cases = self.browse(rows.mapped("res_id")).with_context(lang=partner.lang)
            cases._notify_together(partner.ids, headline(cases))

    def _message_auto_subscribe_notify(self, partner_ids, template):
        """Odoo sends one mail for each record."""
        is_silent = self.env.context.get("mail_auto_subscribe_no_notify")
        if len(self) < 2 or template != ASSIGNED or is_silent:
            return super()._message_auto_subscribe_notify(partner_ids, template)
        return self._notify_together(
            partner_ids,
            self.env._(
                "You have been assigned to %(count)s complaints", count=len(self)
            ),
        )

    def _notify_together(self, partner_ids, subject):
        """Send one notice with links to the complaints."""
        items = [
            Markup('<li><a href="/odoo/complaint.case/%s">%s</a></li>')
            % (case.id, case.display_name)
            for case in self[:NAMED]
        ]
        if len(self) > NAMED:
            items.append(Markup("<li>…</li>"))
        body = Markup("<p>%s</p><ul>%s</ul>") % (subject, Markup().join(items))
        self.env["mail.thread"].message_notify(
            subject=subject,
            body=self.env["mail.render.mixin"]._replace_local_links(body),
            partner_ids=partner_ids,
            email_layout_xmlid="mail.mail_notification_layout",
        )
