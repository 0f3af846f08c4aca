from odoo import models

#: Which survey of one touch-point counts for several complaints that became one.
MOST_SAID = ("answered", "sent", "expired", "planned")


class ComplaintCase(models.Model):
    """Surveys and call-backs of complaints that are merged or split (A7, F2, F3).

    Nobody is asked twice about what became one complaint, nor called twice.
    """

    _inherit = "complaint.case"

    def _merge_move_lines(self, target):
        result = super()._merge_move_lines(target)
        self._merge_move_surveys(target)
        self._merge_move_callbacks(target)
        return result

    def _merge_move_surveys(self, target):
        """What was asked about in this round goes along, where the complaint that
        remains has nothing of the kind: it is not asked again.

        Otherwise what is not answered is taken back; what is, and what was asked in
        earlier rounds, stays with the complaint that it was about.
        """
        # sudo: surveys are nobody's to write.
        cases, target = self.sudo(), target.sudo()
        present = target.feedback_ids.filtered(lambda one: one.round == target.round)
        # That the customer was not asked is not true any more.
        unasked = present.filtered(lambda o: o.state == "cancelled" and not o.sent_at)
        held = set((present - unasked).mapped("touchpoint"))
        asked = cases.feedback_ids.filtered(
            lambda one: one.round == one.case_id.round and one.state in MOST_SAID
        )
        current = asked.filtered(lambda one: not one.superseded_at)
        for one in current.sorted(lambda one: (MOST_SAID.index(one.state), one.id)):
            if one.touchpoint not in held:
                held.add(one.touchpoint)
                unasked.filtered(
                    lambda other, one=one: other.touchpoint == one.touchpoint
                ).unlink()
                # With what was corrected in it.
                moved = asked.filtered(
                    lambda other, one=one: (
                        other.case_id == one.case_id
                        and other.touchpoint == one.touchpoint
                    )
                )
                moved.write({"case_id": target.id, "round": target.round})
            elif one.state in ("planned", "sent"):
                one._cancel("merged")

    def _merge_move_callbacks(self, target):
        """One call for what became one complaint: the one that is due first."""
        # sudo: call-backs of others, which handlers who merge do not see.
        callbacks = self.env["complaint.callback"].sudo()
        waiting = callbacks.search(
            [("case_id", "in", (self | target).ids), ("state", "=", "open")],
            order="due_at, id",
        )
        if waiting.case_id - target:
            waiting[:1]._go_on_for(target.sudo(), waiting[1:])

    def _split_stand(self, new):
        """Nor is the same customer asked once more about the same reply."""
        result = super()._split_stand(new)
        # sudo: as above.
        asked = self.sudo().feedback_ids.filtered(
            lambda one: one.round == self.round and one.state != "cancelled"
        )
        again = new.sudo().feedback_ids.filtered(
            lambda one: (
                one.state == "planned" and one.touchpoint in asked.mapped("touchpoint")
            )
        )
        again._cancel("split")
        return result
