from odoo import api, fields, models

from ...tools.calendars import CalendarBook

#: What ready answers may name of a complaint, by the name of the field.
WORDS = (
    "name",
    "words_salutation",
    "words_customer",
    "words_subject",
    "words_received",
    "words_order",
    "words_product",
    "words_stand",
    "words_next_update",
    "words_objection_until",
    "words_handler",
    "words_phone",
    "words_company",
)


class ComplaintCase(models.Model):
    """The complaint in words, for ready answers and letters to many (I2).

    Each is plain text in the customer's language and time zone. They are the only
    placeholders that a ready answer knows: nothing else of a complaint can slip into
    a message, and no expression is evaluated.
    """

    _inherit = "complaint.case"

    words_salutation = fields.Char(
        string="Salutation", compute="_compute_words", groups="base.group_user"
    )
    words_customer = fields.Char(
        string="Name of the customer",
        compute="_compute_words",
        groups="base.group_user",
    )
    words_subject = fields.Char(
        string="Subject of the complaint",
        compute="_compute_words",
        groups="base.group_user",
    )
    words_received = fields.Char(
        string="Day received", compute="_compute_words", groups="base.group_user"
    )
    words_order = fields.Char(
        string="Number of the order", compute="_compute_words", groups="base.group_user"
    )
    words_product = fields.Char(
        string="Name of the product", compute="_compute_words", groups="base.group_user"
    )
    words_stand = fields.Char(
        string="Where it stands", compute="_compute_words", groups="base.group_user"
    )
    words_next_update = fields.Char(
        string="Day of the next update",
        compute="_compute_words",
        groups="base.group_user",
    )
    words_objection_until = fields.Char(
        string="Last day to object", compute="_compute_words", groups="base.group_user"
    )
    words_handler = fields.Char(
        string="Name of the handler", compute="_compute_words", groups="base.group_user"
    )
    words_phone = fields.Char(
        string="Phone of the handler or company",
        compute="_compute_words",
        groups="base.group_user",
    )
    words_company = fields.Char(
        string="Name of the company", compute="_compute_words", groups="base.group_user"
    )

    @api.depends(
        "subject",
        "partner_id.name",
        "partner_name",
        "date_received",
        "order_id",
        "product_id",
        "phase",
        "user_id",
        "next_update_at",
    )
    def _compute_words(self):
        book = CalendarBook(self.env)
        for case in self:
            # sudo: handlers need no access to orders and companies to name them.
            known = case.sudo().with_context(
                lang=case._letter_lang(), display_default_code=False
            )
            contact = known._letter_contact()
            case.words_salutation = known._letter_salutation()
            case.words_customer = known.partner_id.name or known.partner_name
            case.words_subject = known.subject
            case.words_received = known._letter_date(known.date_received)
            case.words_order = known.order_id.name
            case.words_product = known.product_id.display_name
            case.words_stand = known._letter_stand()
            case.words_next_update = known._letter_next_update(book)
            case.words_objection_until = known._letter_objection_until()
            case.words_handler = contact["name"]
            case.words_phone = contact["phone"]
            case.words_company = known.company_id.name

    @api.model
    def mail_allowed_qweb_expressions(self):
        """Placeholders that are allowed without the right to edit mail templates."""
        return (
            *super().mail_allowed_qweb_expressions(),
            *(f"object.{name}" for name in WORDS),
        )
