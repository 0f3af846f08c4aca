from odoo import models
from odoo.tools import SQL


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    def _next_many(self, count):
        """Draw several numbers, with one query where the sequence allows it.

        :return: list of the interpolated numbers, in ascending order
        """
        self.ensure_one()
        if self.implementation != "standard" or self.use_date_range:
            return [self._next() for _n in range(count)]
        rows = self.env.execute_query(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{self.id:03d}",
                count,
            )
        )
        # As get_next_char() does, with the date written out once and not for each.
        prefix, suffix = self._get_prefix_suffix()
        return [f"{prefix}{number:0{self.padding or 1}d}{suffix}" for (number,) in rows]
