from odoo import Command, api, fields, models

#: Customers that are listed: a preview is read by people.
SHOWN = 200


class ComplaintCampaignPreview(models.TransientModel):
    """Who would be asked by a campaign if it were started now (F2)."""

    _name = "complaint.campaign.preview"
    _description = "Preview of a Satisfaction Campaign"
    _rec_name = "campaign_id"

    campaign_id = fields.Many2one(
        comodel_name="complaint.feedback.campaign",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    asked_count = fields.Integer(string="Would be asked", readonly=True)
    left_count = fields.Integer(string="Would not be asked", readonly=True)
    asked_ids = fields.One2many(
        comodel_name="complaint.campaign.preview.line",
        inverse_name="preview_id",
        string="Customers asked",
        domain=[("reason", "=", False)],
        readonly=True,
    )
    left_ids = fields.One2many(
        comodel_name="complaint.campaign.preview.line",
        inverse_name="preview_id",
        string="Customers not asked",
        domain=[("reason", "!=", False)],
        readonly=True,
    )
    count_ids = fields.One2many(
        comodel_name="complaint.campaign.preview.count",
        inverse_name="preview_id",
        string="Why they are not asked",
        readonly=True,
    )

    @api.model
    def _of(self, campaign):
        """A new preview of a campaign that the user may see.

        Lists are cut off at SHOWN customers each, counts are complete.
        """
        # sudo: flags of contacts, users and other surveys decide who is asked; shown is
        # no more than customers of the own company and one reason each.
        people, counts = campaign.sudo()._preview()
        labels = campaign._reason_labels()
        asked = [person for person in people if not person.reason]
        left = [person for person in people if person.reason]
        return self.create(
            {
                "campaign_id": campaign.id,
                "asked_count": len(asked),
                "left_count": len(left),
                "asked_ids": [
                    Command.create(
                        {
                            "partner_id": person.partner_id,
                            "email": person.email,
                            "order_id": person.order_id or False,
                            "reason": labels.get(person.reason, False),
                        }
                    )
                    for person in asked[:SHOWN] + left[:SHOWN]
                ],
                "count_ids": [
                    Command.create({"reason": labels[reason], "number": number})
                    for reason, number in sorted(
                        counts.items(), key=lambda pair: -pair[1]
                    )
                ],
            }
        )


class ComplaintCampaignPreviewLine(models.TransientModel):
    """A customer in the preview of a campaign."""

    _name = "complaint.campaign.preview.line"
    _description = "Customer in the Preview of a Campaign"
    _order = "id"

    preview_id = fields.Many2one(
        comodel_name="complaint.campaign.preview",
        required=True,
        index=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", ondelete="cascade"
    )
    email = fields.Char(string="E-mail")
    order_id = fields.Many2one(
        comodel_name="sale.order", string="Latest order", ondelete="set null"
    )
    reason = fields.Char(string="Why not asked")


class ComplaintCampaignPreviewCount(models.TransientModel):
    """How many customers a campaign would not ask for one reason."""

    _name = "complaint.campaign.preview.count"
    _description = "Reason in the Preview of a Campaign"
    _order = "number desc, id"

    preview_id = fields.Many2one(
        comodel_name="complaint.campaign.preview",
        required=True,
        index=True,
        ondelete="cascade",
    )
    reason = fields.Char(string="Why not asked")
    number = fields.Integer(string="Customers")
