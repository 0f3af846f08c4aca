import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

#: Characters kept of what went wrong.
PROBLEM_LENGTH = 1000


class ComplaintRemedy(models.Model):
    """Carried out by Odoo's own documents, once, and followed (E2).

    What fails says why and loses nothing: the remedy can be carried out again.
    """

    _inherit = "complaint.remedy"

    executed_at = fields.Datetime(string="Carried out on", readonly=True, copy=False)
    executed_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Carried out by",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    document_model = fields.Char(readonly=True, copy=False)
    document_id = fields.Many2oneReference(
        model_field="document_model",
        string="Id of the document",
        readonly=True,
        copy=False,
    )
    document_name = fields.Char(string="Document", readonly=True, copy=False)
    may_open_document = fields.Boolean(compute="_compute_may_open_document")
    problem = fields.Text(string="Why it failed", readonly=True, copy=False)

    _document_unique = models.UniqueIndex(
        "(document_model, document_id) WHERE document_id IS NOT NULL",
        "This document carries out another remedy already.",
    )

    @api.depends("document_model", "document_id")
    @api.depends_context("uid")
    def _compute_may_open_document(self):
        for remedy in self:
            document = remedy._document()
            remedy.may_open_document = bool(document) and (
                document.sudo(self.env.su).has_access("read")
            )

    def action_execute(self):
        """Carry the remedies out, each in its own savepoint.

        :raise UserError: when it may not be carried out; what fails is kept on it
        """
        self.check_access("write")
        for remedy in self:
            remedy._lock("approved", "accepted", "failed")
            remedy._check_case_open()
            remedy._check_is_time()
            if not remedy.approved_at:
                raise UserError(self.env._("It is not approved."))
            remedy._execute()
        return True

    def _execute(self):
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._check_cap()
                document = self._execute_kind()
                self._executed(document)
        # Whatever the document of an app refuses.
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            if not isinstance(error, UserError):
                _logger.exception("Remedy %s could not be carried out", self.id)
            self.env.invalidate_all(flush=False)
            problem = str(error) or type(error).__name__
            self._set("failed", problem=problem[:PROBLEM_LENGTH])

    def _execute_kind(self):
        """Make the document.

        :return: the record that carries the remedy out; nothing for words
        """
        if not self.makes:
            return None
        # sudo: the remedy was approved; who handles complaints need not be able to
        # make invoices, orders and coupons otherwise.
        return getattr(self.sudo(), f"_execute_{self.makes}")()

    def _executed(self, document):
        values = {
            "executed_at": fields.Datetime.now(),
            "executed_by_id": self.env.uid,
            "problem": False,
        }
        if document:
            values |= {
                "document_model": document._name,
                "document_id": document.id,
                "document_name": document.display_name,
                "cost": self.sudo()._cost_of(document),
            }
        self._set("executed", **values)
        body = self.env._("Carried out: %(remedy)s", remedy=self.display_name)
        if document:
            body = self.env._(
                "Carried out: %(remedy)s, by %(document)s",
                remedy=self.display_name,
                document=document.display_name,
            )
            if hasattr(document, "message_post"):
                document.message_post(
                    body=self.env._(
                        "Made for complaint %(complaint)s: %(remedy)s",
                        complaint=self.case_id._get_html_link(title=self.case_id.name),
                        remedy=self.display_name,
                    )
                )
        self.case_id._message_log(body=body)

    def _cost_of(self, document):
        """What the document costs the company, without tax, in its currency."""
        return getattr(self, f"_cost_of_{self.makes}")(document)

    def _cost_anew(self):
        """Its document was changed and costs something else by now; as the system."""
        for remedy in self:
            remedy.cost = remedy._cost_of(remedy._document())

    def _document(self):
        """The record that carries it out, if it is still there; as the system."""
        self.ensure_one()
        if not self.document_id or self.document_model not in self.env:
            return None
        # sudo: to follow it, whoever looks.
        return self.env[self.document_model].sudo().browse(self.document_id).exists()

    def action_open_document(self):
        """Open the document that carries it out."""
        self.ensure_one()
        document = self.env[self.document_model].browse(self.document_id)
        document.check_access("read")
        return document._get_records_action()

    @api.model
    def _of_documents(self, documents):
        """Remedies that documents carry out; as the system, one query."""
        # sudo: documents are followed whoever changes them.
        return self.sudo().search(
            [
                ("document_model", "=", documents._name),
                ("document_id", "in", documents.ids),
                ("state", "=", "executed"),
            ]
        )

    def _document_undone(self):
        """Its document was cancelled: the customer still waits for it (E2)."""
        for remedy in self.sudo():  # sudo: whoever cancelled the document.
            name = remedy.document_name
            remedy._set(
                "accepted" if remedy.decided_at else "approved",
                document_model=False,
                document_id=False,
                document_name=False,
                executed_at=False,
                executed_by_id=False,
                cost=0,
            )
            remedy.case_id._alert_handler(
                self.env._(
                    "%(document)s was cancelled: %(remedy)s is to be carried out again",
                    document=name,
                    remedy=remedy.display_name,
                )
            )

    def _told_people(self):
        """Who did what with it, in one line."""
        self.ensure_one()
        names = [
            one.name
            for one in (self.proposed_by_id, self.approved_by_id, self.executed_by_id)
        ]
        told = [
            names[0] and self.env._("proposed: %(person)s", person=names[0]),
            names[1] and self.env._("approved: %(person)s", person=names[1]),
            names[2] and self.env._("carried out: %(person)s", person=names[2]),
        ]
        return " · ".join(filter(None, told))
