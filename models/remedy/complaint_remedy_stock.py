from odoo import Command, models
from odoo.exceptions import UserError


class ComplaintRemedy(models.Model):
    """What goes back to the warehouse or the workshop, where these apps are installed
    (E2)."""

    _inherit = "complaint.remedy"

    def _execute_return(self):
        """Make the return of what was delivered; called as the system.

        :return: stock.picking
        :raise UserError: when it was not delivered, or is back already
        """
        line = self.order_line_id
        moves = line.move_ids.filtered(
            lambda move: (
                move.state == "done"
                and move.location_dest_usage == "customer"
                and move.product_id == self.product_id
            )
        )
        delivered = sum(moves.mapped("quantity"))
        back = sum(
            moves.returned_move_ids.filtered(
                lambda move: move.state != "cancel"
            ).mapped("product_uom_qty")
        )
        if not moves or self.quantity > delivered - back:
            raise UserError(
                self.env._(
                    "%(quantity)s cannot be sent back: %(delivered)s were delivered, "
                    "%(back)s of them are back or on their way.",
                    quantity=self.quantity,
                    delivered=delivered,
                    back=back,
                )
            )
        picking = moves[-1:].picking_id
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({"picking_id": picking.id})
        )
        left = self.quantity
        for row in wizard.product_return_moves:
            if row.move_id in moves:
                row.quantity = min(left, row.move_quantity)
                left -= row.quantity
        if left > 0:
            raise UserError(
                self.env._(
                    "It was delivered in several parts. Propose a return for each."
                )
            )
        returned = wizard._create_return()
        returned.origin = ", ".join(filter(None, [self.case_id.name, picking.name]))
        return returned

    def _cost_of_return(self, _picking):
        return 0.0

    def _execute_repair(self):
        """Make and confirm the repair, under warranty; called as the system.

        :return: repair.order
        """
        case = self.case_id
        values = {
            "partner_id": case.partner_id.id,
            "company_id": self.company_id.id,
            "product_id": self.product_id.id,
            "product_qty": self.quantity,
            "product_uom": self.product_id.uom_id.id,
            "under_warranty": True,
            "internal_notes": self.env._("Complaint %(number)s", number=case.name),
            "tag_ids": [Command.clear()],
        }
        repair = self.env["repair.order"].with_company(self.company_id).create(values)
        repair._action_repair_confirm()
        return repair

    def _cost_of_repair(self, repair):
        return sum(
            move.product_id.standard_price * move.product_uom_qty
            for move in repair.move_ids
        )
