from odoo import fields, models


class ComplaintPauseReason(models.Model):
    """Why a complaint waits, and whether its time limits wait with it (C4)."""

    _name = "complaint.pause.reason"
    _description = "Complaint Pause Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    code = fields.Char(help="Short name for imports and reports.")
    stops_clock = fields.Boolean(
        string="Stops time limits",
        default=True,
        help="While a complaint waits for this reason its time limits stand still. "
        "Statutory limits never do.",
    )
    ends_on_customer_message = fields.Boolean(
        string="Ends with the customer's reply",
        help="A message of the customer ends the wait by itself.",
    )
    needs_until = fields.Boolean(
        string="Ask until when",
        help="Whoever pauses a complaint must say when the wait will end, such as the "
        "date of an appointment.",
    )
    default_days = fields.Integer(
        string="Ends after (days)",
        help="Proposed end of the wait. At that time the complaint goes on by itself. "
        "0: none.",
    )
    customer_text = fields.Char(
        string="In words for the customer",
        translate=True,
        help="What we wait for, as it is read after “we are waiting for”: such as "
        "“your reply”. Empty: the customer reads that the complaint is paused, not "
        "why.",
    )

    _code_unique = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "This code is taken by another reason."
    )
    _days_range = models.Constraint(
        "CHECK (default_days BETWEEN 0 AND 3650)",
        "Ends after: give a number of days from 0 to 3650.",
    )
