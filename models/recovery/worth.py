"""What an order is worth to service recovery, in SQL."""

from odoo.tools import SQL

#: Orders of the customer of a complaint ``c``: of all their people, in the company of
#: the complaint, confirmed.
ORDERS = SQL(
    "res_partner p JOIN sale_order s ON s.partner_id = p.id AND s.state = 'sale'"
)
#: Which of them count at all: what a remedy gave does not.
IS_COUNTED = SQL(
    """
    p.commercial_partner_id = c.commercial_partner_id
    AND s.company_id = c.company_id
    AND NOT EXISTS (
        SELECT FROM complaint_remedy r
         WHERE r.document_model = 'sale.order' AND r.document_id = s.id
    )
    """
)
RATE = SQL("coalesce(nullif(s.currency_rate, 0), 1)")


def worth(env, is_its):
    """What an order ``s`` is worth: untaxed, in the company's currency, at the order's
    rate.

    Posted credit notes of its invoices are deducted. What was invoiced beyond the order
    is not kept, but makes good a credit note: an invoice that was credited and made
    anew leaves the order at what it was. Never below nothing.

    A coupon that a remedy gave is no discount here: it is in the cost of remedies, and
    would otherwise be deducted twice. What remedies paid back is in that cost, too; for
    the difference of both there is what the order is worth without that.

    :param is_its: SQL; only orders of which it is true are looked at, of others it is
        NULL
    :return: SQL of an array: what is kept; what is kept or was paid back by remedies
    """
    by_coupon = _by_coupon(env)
    kept = "greatest(0, least(sold.amount, greatest(sold.amount, made.out) - %s)) / %s"
    return SQL(
        """
        CASE WHEN %(is_its)s THEN (
            SELECT ARRAY[%(kept)s, %(kept_or_paid_back)s]
              FROM (
                    SELECT s.amount_untaxed - %(given)s AS amount
                   ) sold
              CROSS JOIN LATERAL (
                    SELECT coalesce(sum(%(amount)s) FILTER (
                               WHERE m.move_type = 'out_invoice'
                           ), 0) AS out,
                           coalesce(sum(%(amount)s) FILTER (
                               WHERE m.move_type = 'out_refund'
                           ), 0) AS back,
                           coalesce(sum(%(amount)s) FILTER (
                               WHERE m.move_type = 'out_refund'
                                 AND NOT %(is_remedy)s
                           ), 0) AS other_back
                      FROM account_move_line l
                      JOIN account_move m ON m.id = l.move_id
                     WHERE l.parent_state = 'posted'
                       AND l.display_type = 'product'
                       AND m.move_type IN ('out_invoice', 'out_refund')
                       AND l.id IN (
                           SELECT rel.invoice_line_id
                             FROM sale_order_line o
                             JOIN sale_order_line_invoice_rel rel
                               ON rel.order_line_id = o.id
                            WHERE o.order_id = s.id AND NOT %(by_coupon)s
                       )
                   ) made
        ) END
        """,
        kept=SQL(kept, SQL("made.back"), RATE),
        kept_or_paid_back=SQL(kept, SQL("made.other_back"), RATE),
        given=_given(by_coupon),
        # At the rate of the order also here: credited in full, nothing is left.
        amount=SQL(
            """
            CASE WHEN l.currency_id = s.currency_id THEN l.price_subtotal
                 WHEN m.move_type = 'out_invoice' THEN -l.balance * %(rate)s
                 ELSE l.balance * %(rate)s
            END
            """,
            rate=RATE,
        ),
        is_remedy=_is_of_remedy("account.move", SQL("m.id")),
        by_coupon=by_coupon or SQL("FALSE"),
        is_its=is_its,
    )


def _by_coupon(env):
    """Whether a line ``o`` of an order is what the coupon of a remedy takes off.

    :return: SQL; or None where no app knows coupons
    """
    field = env["sale.order.line"]._fields.get("coupon_id")
    if not field or not field.store:
        return None
    card = SQL.identifier("o", "coupon_id", to_flush=field)
    return _is_of_remedy("loyalty.card", card)


def _given(by_coupon):
    """What coupons of remedies take off an order ``s``: not above 0."""
    if not by_coupon:
        return SQL("0")
    return SQL(
        """
        coalesce((
            SELECT sum(o.price_subtotal) FROM sale_order_line o
             WHERE o.order_id = s.id AND %s
        ), 0)
        """,
        by_coupon,
    )


def _is_of_remedy(model, number):
    """Whether a document carries out a remedy that is in the cost of remedies."""
    return SQL(
        """
        EXISTS (
            SELECT FROM complaint_remedy r
             WHERE r.document_model = %s
               AND r.document_id = %s
               AND r.state = 'executed'
        )
        """,
        model,
        number,
    )
