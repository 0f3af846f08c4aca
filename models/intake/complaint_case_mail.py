from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import email_normalize, formataddr, html2plaintext, plaintext2html

from ...tools import mail_reading
from .mail_gate import Gate

#: The same mail sent again on the same day or the next is the same complaint (UTC).
DAY = 24 * 3600
#: Within this time the same reply counts once; shorter ones ("Yes.") always count.
REPEAT_PERIOD = timedelta(hours=1)
REPEAT_LENGTH = 20
#: Stands where bytes could not be decoded.
UNREADABLE = "\ufffd"
#: To-do about what a machine wrote.
ROBOT_TO_DO = "complaint_management.mail_activity_type_customer"


class ComplaintCase(models.Model):
    """What comes by mail: new complaints and replies (A1, A6, A7).

    Odoo finds a route by Message-Id or address; here it is decided whether the mail may
    take it. What may not is kept as complaint.intake.failure, see there.
    """

    _inherit = "complaint.case"

    intake_failure_count = fields.Integer(
        string="Mails that wait",
        compute="_compute_intake_failure_count",
        groups="complaint_management.group_handler,complaint_management.group_auditor",
    )

    # Routes -----------------------------------------------------------------------

    @api.model
    def _mail_routes(self, gate, message_dict, routes):
        """Of the routes that Odoo found, those that the mail may take.

        :return: routes, see ``message_route``; what becomes of the mail otherwise is
            noted in the gate
        """
        if message_dict.get("is_bounce"):
            if not gate.case and gate.referred:
                gate.referred._message_receive_bounce(False, self.env["res.partner"])
            if not gate.case:
                gate.hold(mail_reading.BOUNCE, "filed")
            return routes
        ours = [route for route in routes or () if route[0] == self._name]
        others = [route for route in routes or () if route[0] != self._name]
        if not ours:
            gate.is_foreign = bool(others)
            return routes
        self._mail_make_readable(gate, message_dict)
        # One mail is one complaint, however many of our addresses it went to.
        route = next((r for r in ours if r[1]), None) or self._mail_first_team(ours)
        case = self.browse(route[1] or ())
        taken = (
            self._mail_reply(gate, message_dict, case)
            if case
            else self._mail_first(gate, message_dict)
        )
        if not taken:
            return others
        gate.case = taken if case else None
        target = taken.id if case else route[1]
        return [(route[0], target, *route[2:]), *others]

    @api.model
    def _mail_make_readable(self, gate, message_dict):
        """Correct what Odoo could not decode: headers in raw bytes, false charsets."""
        sketch = gate.sketch
        message_dict["subject"] = sketch.subject
        if sketch.sender:
            message_dict["email_from"] = formataddr((sketch.sender_name, sketch.sender))
        if UNREADABLE in (message_dict.get("body") or ""):
            text = gate.body.text
            if text and UNREADABLE not in text:
                message_dict["body"] = plaintext2html(text)

    @api.model
    def _mail_first_team(self, routes):
        """The route to the team that comes first in order."""
        # sudo: mail comes in with the rights of nobody.
        teams = self.env["complaint.team"].sudo()
        order = {
            team_id: rank
            for rank, team_id in enumerate(
                teams.search(
                    [("id", "in", [(r[2] or {}).get("team_id") for r in routes])]
                ).ids
            )
        }
        return min(
            routes, key=lambda r: order.get((r[2] or {}).get("team_id"), len(order))
        )

    @api.model
    def _mail_route_decided(self, gate, message_dict):
        """The one route of a mail about which a decision was made."""
        decision = gate.decision
        self._mail_make_readable(gate, message_dict)
        message_dict["is_internal"] = decision.is_note
        message_dict.pop("parent_id", None)
        gate.case = decision.case
        values = {"team_id": decision.team.id} if decision.team else {}
        case_id = decision.case.id if decision.case else False
        return [(self._name, case_id, values, self.env.uid, self.env["mail.alias"])]

    # A reply ----------------------------------------------------------------------

    def _mail_reply(self, gate, message_dict, case):
        """The complaint that a reply is added to; empty when it may not be.

        Message-Ids are seen by whoever gets a mail forwarded: that somebody quotes one
        opens nothing. The sender has to belong to the complaint.
        """
        # sudo: mail comes in with the rights of nobody.
        case = case.sudo()
        sender = gate.sketch.sender
        if gate.sketch.is_forged:
            gate.hold("forged", case=case)
        elif not sender or not case._mail_belongs(sender):
            gate.hold("stranger", case=case)
        elif case._mail_is_flood(gate.sketch):
            gate.hold("flood", case=case)
        elif case._mail_is_repeated(sender, message_dict):
            gate.case = case._merge_target()
        else:
            target = case._merge_target()
            if target != case:
                message_dict.pop("parent_id", None)
            return target
        return self.browse()

    def _mail_is_repeated(self, sender, message_dict):
        """Whether the sender wrote the same into the complaint a moment ago."""
        words = self._mail_words(message_dict.get("body"))
        if len(words) < REPEAT_LENGTH:
            return False
        earlier = (
            # sudo: mail comes in with the rights of nobody.
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("message_type", "=", "email"),
                    ("create_date", ">=", fields.Datetime.now() - REPEAT_PERIOD),
                ],
                order="id desc",
                limit=20,
            )
        )
        files = len(message_dict.get("attachments") or ())
        return any(
            email_normalize(message.email_from) == sender
            and len(message.attachment_ids) == files
            and self._mail_words(message.body) == words
            for message in earlier
        )

    @api.model
    def _mail_words(self, body):
        return mail_reading.normalised(html2plaintext(body or ""))

    # A new complaint --------------------------------------------------------------

    @api.model
    def _mail_first(self, gate, message_dict):
        """Whether a mail to a team's address may open a complaint."""
        sketch = gate.sketch
        if not email_normalize(sketch.sender):
            gate.hold("no_sender")
        elif gate.is_empty and not message_dict.get("attachments"):
            gate.hold("empty")
        elif sketch.kind == mail_reading.LIST and not self._mail_is_trusted(sketch):
            gate.hold(mail_reading.LIST)
        elif self._mail_is_flood(sketch):
            gate.hold("flood")
        else:
            gate.case = self._mail_same_complaint(gate)
            return not gate.case
        return False

    @api.model
    def _mail_key(self, gate, days_ago=0):
        """Key of :meth:`_intake_once` for a mail."""
        day = int(fields.Datetime.now().timestamp()) // DAY - days_ago
        told = gate.fingerprint or gate.key
        return self._request_key("email", gate.sketch.sender, told, day)

    @api.model
    def _mail_same_complaint(self, gate):
        """The complaint that the same mail opened today or yesterday."""
        keys = [self._mail_key(gate, days_ago) for days_ago in (0, 1)]
        # sudo: keys are readable by nobody.
        return (
            self.sudo()
            .with_context(active_test=False)
            .search([("request_key", "in", keys)], limit=1)
        )

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A mail to a team's address opens a complaint."""
        gate = Gate.of(self.env)
        values = {
            "subject": self._mail_subject(msg_dict),
            "description": msg_dict.get("body"),
            "email_from": msg_dict.get("email_from"),
            "partner_id": msg_dict.get("author_id"),
            **(custom_values or {}),
        }
        if gate:
            values["email_from"] = gate.sketch.sender and msg_dict.get("email_from")
            values["partner_name"] = gate.sketch.sender_name
        if gate and not gate.decision:
            case, _is_new = self._intake_once(values, "email", self._mail_key(gate))
        else:
            case = self._intake([values], channel="email")
        if gate:
            gate.case = case
        return case

    @api.model
    def _mail_subject(self, msg_dict):
        """Something to call the complaint by, where the mail has no words."""
        if (msg_dict.get("subject") or "").strip():
            return msg_dict["subject"]
        if html2plaintext(msg_dict.get("body") or "").strip():
            return ""  # the first words are taken
        return self.env._("Mail without words")

    # Automatic mail ---------------------------------------------------------------

    def _acknowledge(self):
        """No machine gets an answer, and nobody more than a few in an hour (A6)."""
        gate = Gate.of(self.env)
        if not gate:
            return super()._acknowledge()
        if gate.sketch.is_automatic:
            note = self.env._("Not acknowledged: the mail was written by a machine.")
        elif self._mail_is_acknowledged_enough():
            note = self.env._(
                "Not acknowledged: the sender got several acknowledgements within the "
                "hour. Acknowledge it by hand, if a person wrote it."
            )
        else:
            return super()._acknowledge()
        self._message_log_batch(bodies=dict.fromkeys(self.ids, note))
        return None

    def _mail_is_acknowledged_enough(self):
        # sudo: a setting of the company.
        most = self.company_id[:1].sudo().complaint_mail_acknowledge_hourly
        senders = list(filter(None, self.mapped("email_normalized")))
        recent = fields.Datetime.now() - timedelta(hours=1)
        # sudo: to whom something was sent does not depend on who reads the complaint.
        return bool(senders) and most <= self.sudo().search_count(
            [("email_normalized", "in", senders), ("acknowledged_at", ">=", recent)],
            limit=most or None,
        )

    def _alert_reaction(self, message):
        """What a machine wrote is no reaction of the customer."""
        gate = Gate.of(self.env)
        if gate and gate.sketch.is_automatic:
            return False
        return super()._alert_reaction(message)

    def _mail_receive_robot(self, gate):
        """An answer of a machine was added as a note: say so where it matters.

        What a customer's ticket system writes can be a real reply: the handler looks.
        Somebody's absence is only noted.
        """
        if gate.sketch.kind == mail_reading.GENERATED:
            # sudo: to-dos are the handler's.
            case = self.sudo()
            if not case.activity_search([ROBOT_TO_DO]):
                case._alert_handler(
                    self.env._("An automatic mail arrived; read the note.")
                )

    def _message_receive_bounce(self, email, partner):
        """A mail about the complaint did not arrive: the handler has to know."""
        result = super()._message_receive_bounce(email, partner)
        gate = Gate.of(self.env)
        address = email or partner.email
        # sudo: bounces come in with the rights of nobody.
        for case in self.sudo():
            case._message_log(
                body=self.env._(
                    "A mail could not be delivered to %(address)s.", address=address
                )
                if address
                else self.env._("A mail could not be delivered.")
            )
            if case.phase != "closed" and not case.activity_search([ROBOT_TO_DO]):
                case._alert_handler(
                    self.env._("Mail to the customer could not be delivered.")
                )
        if gate:
            gate.case = self[:1]
        return result

    def _notify_thread_with_out_of_office(
        self, message, recipients_data, msg_vals=False, **kwargs
    ):
        """Our own absence is not told to a machine."""
        gate = Gate.of(self.env)
        if gate and gate.sketch.kind:
            return self.env["mail.message"]
        return super()._notify_thread_with_out_of_office(
            message, recipients_data, msg_vals=msg_vals, **kwargs
        )

    def _notify_by_email_get_headers(self, headers=None):
        """Answers of other machines to our automatic mails are not asked for."""
        headers = super()._notify_by_email_get_headers(headers)
        if self and self.env.context.get("complaint_automatic_mail"):
            headers["Auto-Submitted"] = "auto-replied"
            headers["X-Auto-Response-Suppress"] = "All"
        return headers

    def _send_to_customer(self, template, message_type="comment"):
        if message_type == "auto_comment":
            self = self.with_context(complaint_automatic_mail=True)
        return super()._send_to_customer(template, message_type)

    # Mail that waits --------------------------------------------------------------

    def _compute_intake_failure_count(self):
        counts = dict(
            self.env["complaint.intake.failure"]._read_group(
                [
                    ("case_id", "in", self.ids),
                    ("state", "in", ["retry", "quarantined"]),
                ],
                ["case_id"],
                ["__count"],
            )
        )
        for case in self:
            case.intake_failure_count = counts.get(case, 0)

    @api.readonly
    def action_view_intake_failures(self):
        """Open the mails about the complaint that were not added to it."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_intake_failure_action"
        )
        return action | {"domain": [("case_id", "=", self.id)], "context": {}}
