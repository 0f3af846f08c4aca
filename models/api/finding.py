"""Whom and what other software means: customer, order, product, category, channel."""

from odoo.fields import Command, Domain
from odoo.tools import email_normalize, plaintext2html

from .errors import ApiError

#: Where complaints of other software come from, unless it says otherwise.
CHANNEL = "platform"
#: Shorter ones are extensions, not telephone numbers.
MIN_PHONE = 5


class Finding:
    """Looks up what a complaint names, within the companies of the caller.

    :param env: of the caller; errors speak its language
    :param companies: in which to look
    """

    def __init__(self, env, companies):
        self._env = env
        # sudo: the caller reads none of this. What is found only goes into the case,
        # and an order of somebody else is not told from one that does not exist.
        self._sudo = env(su=True)
        self._companies = companies
        self.company = env.user.company_id
        self.channel = CHANNEL

    def case_values(self, values):
        """Values of complaint.case; sets ``company`` and ``channel``, too."""
        self._find_channel(values["channel"])
        partner = self._find_customer(values["customer"])
        order = self._find_order(values["order"], partner)
        if order:
            self.company = order.company_id
        product = self._find_product(values["product"], order, "product")
        return {
            "subject": values["subject"],
            "description": plaintext2html(values["description"])
            if values["description"]
            else False,
            "demand": values["demand"],
            "company_id": self.company.id,
            "source": values["source"],
            "is_on_behalf": values["on_behalf"],
            "date_occurred": values["occurred"],
            "order_id": order.id,
            "product_id": product.id,
            "category_id": self._find_category(values["category"], "category").id,
            "allegation_ids": [
                Command.create(self._allegation(row, order, f"allegations[{index}]."))
                for index, row in enumerate(values["allegations"])
            ],
            **({"date_received": values["received"]} if values["received"] else {}),
            **self._contact(values["customer"], partner),
        }

    def _contact(self, customer, partner):
        """What the customer gave, else what is known of the partner."""
        given = {
            "partner_name": customer["name"],
            "email_from": customer["email"],
            "phone": customer["phone"],
        }
        return {"partner_id": partner.id} | {
            name: value for name, value in given.items() if value
        }

    # The customer -------------------------------------------------------------------

    def _find_customer(self, customer):
        """By customer number, else e-mail, else phone; nobody is guessed among many.

        Somebody new with an e-mail address becomes a contact, as in every other door.
        """
        partner = self._by_number(customer["number"])
        if not partner and customer["email"]:
            return self._by_email(customer)
        partner = partner or self._by_phone(customer["phone"])
        if not partner and not any(
            customer[name] for name in ("email", "phone", "name")
        ):
            raise ApiError(
                "customer_unknown",
                self._env._(
                    "There is no customer with this number. Send name and e-mail "
                    "address or phone number along with it."
                ),
                "customer.number",
            )
        return partner

    def _single(self, domain):
        """The one contact of the companies that a domain finds, or nobody."""
        domain &= Domain("company_id", "in", [False, *self._companies.ids])
        found = self._sudo["res.partner"].search(domain, limit=2)
        return found if len(found) == 1 else found.browse()

    def _by_number(self, number):
        if not number:
            return self._sudo["res.partner"]
        return self._single(Domain("ref", "=", number))

    def _by_email(self, customer):
        email = email_normalize(customer["email"])
        new = {"name": customer["name"] or email, "phone": customer["phone"]}
        language = self._language(customer["language"])
        if language:
            new["lang"] = language
        [partner] = self._sudo["res.partner"]._find_or_create_from_emails(
            [email], additional_values={email: new}
        )
        return partner

    def _by_phone(self, phone):
        partners = self._sudo["res.partner"]
        if not phone:
            return partners
        domain = Domain("phone", "=", phone)
        # There with the telephone part of Odoo, which is nearly everywhere: the same
        # digits, however they are written; and the same number in the national form.
        if "phone_mobile_search" in partners._fields and len(phone) > MIN_PHONE:
            domain |= Domain("phone_mobile_search", "=", phone)
            number = partners._phone_format(
                number=phone, country=self.company.country_id
            )
            if number:
                domain |= Domain("phone_sanitized", "=", number)
        return self._single(domain)

    def _language(self, text):
        """An installed language for a code such as zh_CN, zh-CN or zh."""
        code = text.replace("-", "_").lower()
        codes = [lang for lang, _name in self._sudo["res.lang"].get_installed()]
        same = [lang for lang in codes if lang.lower() == code]
        akin = [lang for lang in codes if code and lang.lower().startswith(code[:2])]
        return next(iter(same + akin), "")

    # What it is about ---------------------------------------------------------------

    def _find_channel(self, code):
        if not code:
            return
        channels = self._sudo["complaint.channel"].search([("code", "!=", False)])
        codes = channels.mapped("code")
        if code not in codes:
            raise ApiError(
                "channel_unknown",
                self._env._(
                    "There is no channel “%(code)s”. Known are: %(known)s.",
                    code=code,
                    known=", ".join(codes),
                ),
                "channel",
            )
        self.channel = code

    def _find_order(self, number, partner):
        """A confirmed order of the customer's company, by our number or theirs."""
        orders = self._sudo["sale.order"]
        if not number:
            return orders
        found = partner and orders.search(
            [
                ("partner_id", "child_of", partner.commercial_partner_id.id),
                ("state", "=", "sale"),
                ("company_id", "in", self._companies.ids),
                "|",
                ("name", "=", number),
                ("client_order_ref", "=", number),
            ],
            limit=1,
        )
        if not found:
            raise ApiError(
                "order_unknown",
                self._env._(
                    "This customer has no order with this number. Correct it, or leave "
                    "it out and name the order in the description."
                ),
                "order",
            )
        return found

    def _lines(self, order):
        return order.order_line.filtered(
            lambda line: not line.display_type and not line.is_downpayment
        )

    def _find_product(self, code, order, field):
        """By internal reference or barcode; of the order, when there is one."""
        products = self._sudo["product.product"]
        if not code:
            return products
        named = Domain("default_code", "=", code) | Domain("barcode", "=", code)
        if order:
            found = self._lines(order).product_id.filtered_domain(named)[:1]
        else:
            named &= Domain("company_id", "in", [False, *self._companies.ids])
            found = products.search(named, limit=1)
        if not found:
            raise ApiError(
                "product_unknown",
                self._env._(
                    "There is no product “%(code)s”, or it is not on the order.",
                    code=code,
                ),
                field,
            )
        return found

    def _find_category(self, name, field):
        """By name, or by the name with its parents: “Delivery / Late”."""
        categories = self._sudo["complaint.category"]
        if not name:
            return categories
        found = categories.search([("complete_name", "=", name)], limit=2)
        if len(found) != 1:
            raise ApiError(
                "category_unknown",
                self._env._(
                    "There is no category “%(name)s”, or more than one. Give its name "
                    "with its parents, as in “Delivery / Late”; or leave it out, then "
                    "one is proposed from the wording.",
                    name=name,
                ),
                field,
            )
        return found

    def _allegation(self, row, order, where):
        line = self._find_line(row["line"], order, f"{where}line")
        product = line.product_id or self._find_product(
            row["product"], order, f"{where}product"
        )
        return {
            "summary": row["summary"],
            "order_line_id": line.id,
            "product_id": product.id,
            "category_id": self._find_category(row["category"], f"{where}category").id,
        }

    def _find_line(self, position, order, field):
        lines = self._lines(order)
        if not position:
            return lines.browse()
        if position > len(lines):
            raise ApiError(
                "line_unknown",
                self._env._(
                    "There is no order line %(position)s. Count the products of the "
                    "order from 1 on, and name the order.",
                    position=position,
                ),
                field,
            )
        return lines[position - 1]
