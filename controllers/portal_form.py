import re
import uuid
from datetime import date, datetime

from odoo.exceptions import UserError
from odoo.http import request, route
from odoo.tools import plaintext2html

from odoo.addons.portal.controllers.portal import CustomerPortal

from . import uploads

TEXTS = {"subject": 200, "description": 20000, "demand": 5000}
CHOICES = ("order_id", "product_id", "category_id")
#: Nobody complains in the portal about what happened before this.
FIRST_YEAR = 1990


class ComplaintForm:
    """What a customer typed into the form: kept, checked, and made into values.

    ``values`` holds every field as it is shown again, ``errors`` what is wrong with it.
    """

    max_files = uploads.MAX_FILES

    def __init__(self, env, data=None, files=()):
        self.env = env
        self.partner = env.user.partner_id
        self.errors = {}
        data = data or {}
        self.values = {
            name: (data.get(name) or "")
            .replace("\x00", "")
            .replace("\r\n", "\n")
            .strip()
            for name in (*TEXTS, *CHOICES, "date_occurred")
        }
        self.key = data.get("request_key") or ""
        self.uploads = list(files)
        self.orders = env["complaint.case"]._portal_orders(self.partner)
        self._find_older_order()
        self.products = env["complaint.case"]._portal_order_products(self.orders)
        self.categories = env["complaint.category"].search([("parent_id", "=", False)])

    def _find_older_order(self):
        """An order that a link leads here from may not be among the latest."""
        order_id = self._number("order_id")
        if order_id and order_id not in self.orders.ids:
            self.orders |= self.env["complaint.case"]._portal_orders(
                self.partner, [order_id]
            )

    def _number(self, name):
        value = self.values[name]
        return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else 0

    # Checks ------------------------------------------------------------------------

    def check(self):
        """Fill ``errors``; return the values of the case."""
        vals = {
            "partner_id": self.partner.id,
            "order_id": self._check_order().id,
            "product_id": self._check_product().id,
            "category_id": self._check_category().id,
            "date_occurred": self._check_date(),
            **self._check_texts(),
        }
        if self.env.user._is_internal():
            vals["source"] = "internal"
        if not re.fullmatch(r"[0-9a-f]{32}", self.key):
            self.errors["form"] = self.env._(
                "The form was open for too long or is not complete. Please send it "
                "again."
            )
        return vals

    def _check_order(self):
        order = self.orders.filtered(lambda order: order.id == self._number("order_id"))
        if self.values["order_id"] and not order:
            self.errors["order_id"] = self.env._("Please choose one of your orders.")
        return order

    def _check_product(self):
        order = self.orders.filtered(lambda order: order.id == self._number("order_id"))
        products = self.products.get(order) or self.env["product.product"]
        product = products.filtered(lambda one: one.id == self._number("product_id"))
        if self.values["product_id"] and not product and "order_id" not in self.errors:
            self.errors["product_id"] = (
                self.env._("This product is not on the order. Please choose another.")
                if order
                else self.env._(
                    "Please choose the order that the product is from, too."
                )
            )
        return product

    def _check_category(self):
        category = self.categories.filtered(
            lambda one: one.id == self._number("category_id")
        )
        if self.values["category_id"] and not category:
            self.errors["category_id"] = self.env._("Please choose from the list.")
        return category

    def _check_date(self):
        text = self.values["date_occurred"]
        if not text:
            return False
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self.errors["date_occurred"] = self.env._("Please give a valid date.")
            return False
        if day > self.today():
            self.errors["date_occurred"] = self.env._("This day is still to come.")
        elif day.year < FIRST_YEAR:
            self.errors["date_occurred"] = self.env._("This is too long ago.")
        return day

    def _check_texts(self):
        required = {
            "subject": self.env._("Please say in a few words what it is about."),
            "description": self.env._("Please tell us what happened."),
        }
        for name, limit in TEXTS.items():
            length = len(self.values[name])
            if not length and name in required:
                self.errors[name] = required[name]
            elif length > limit:
                self.errors[name] = self.env._(
                    "This is too long: %(length)s characters, at most %(limit)s.",
                    length=length,
                    limit=limit,
                )
        return {
            "subject": self.values["subject"],
            "description": plaintext2html(self.values["description"]),
            "demand": self.values["demand"],
        }

    def read_files(self):
        """The files, checked; the first that is not taken becomes an error."""
        try:
            return uploads.read_uploads(self.uploads, self.max_files)
        except uploads.UploadError as error:
            self.errors["files"] = self._upload_words()[error.reason] % {
                "name": error.name,
                "count": self.max_files,
                "size": uploads.MAX_FILE_MEGABYTES,
            }
            return []

    def _upload_words(self):
        return {
            "many": self.env._("Please attach %(count)s files at most."),
            "large": self.env._("“%(name)s” is larger than %(size)s MB."),
            "empty": self.env._("“%(name)s” is empty."),
            "kind": self.env._(
                "“%(name)s” cannot be taken. Please attach photos, videos, recordings, "
                "PDF, text or office documents."
            ),
        }

    def today(self):
        """Today where the customer is."""
        return datetime.now(self.env.tz).date()

    # Out ---------------------------------------------------------------------------

    def request_key(self):
        """What makes two submissions the same: the form, and what was typed into it.

        A customer who goes back, writes of something else and sends the form again
        has made another complaint.
        """
        return self.env["complaint.case"]._request_key(
            "portal", self.partner.id, self.key, self.values
        )

    def page(self):
        """Plain values for the template."""
        return {
            "values": self.values,
            "errors": self.errors,
            "had_files": any(upload.filename for upload in self.uploads),
            "request_key": uuid.uuid4().hex,
            "today": self.today().isoformat(),
            "categories": [
                {"id": str(category.id), "name": category.name}
                for category in self.categories
            ],
            "orders": [
                {
                    "id": str(order.id),
                    "name": order.name,
                    "day": self.env["complaint.case"]._portal_day(order.date_order),
                    "products": [
                        {"id": str(product.id), "name": name}
                        for product, name in self._product_names(order)
                    ],
                }
                for order in self.orders
            ],
            "limits": {
                "files": uploads.MAX_FILES,
                "megabytes": uploads.MAX_FILE_MEGABYTES,
                "accept": uploads.ACCEPT,
                **TEXTS,
            },
        }

    def _product_names(self, order):
        products = self.products[order].with_context(display_default_code=False)
        return [(product, product.display_name) for product in products]


class ComplaintFormPortal(CustomerPortal):
    """The form by which customers complain in the portal (A1, A2)."""

    @route(
        "/my/complaints/new",
        type="http",
        auth="user",
        website=True,
        readonly=True,
        methods=["GET"],
    )
    def portal_complaint_new(self, order_id=None, **_kwargs):
        """The empty form; ``order_id`` chooses one of the customer's orders."""
        if not self._complaint_may_submit():
            return request.redirect("/my")
        form = ComplaintForm(request.env, {"order_id": order_id})
        if not form.orders.filtered(lambda order: str(order.id) == order_id):
            form.values["order_id"] = ""
        return self._complaint_render_form(form)

    @route(
        "/my/complaints/new",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
        max_content_length=uploads.MAX_REQUEST_BYTES,
    )
    def portal_complaint_submit(self, **post):
        """Register the complaint, or show the form again with all that was typed."""
        if not self._complaint_may_submit():
            return request.redirect("/my")
        form = ComplaintForm(
            request.env, post, request.httprequest.files.getlist("files")
        )
        vals = form.check()
        files = form.read_files()
        if form.errors:
            return self._complaint_render_form(form)
        # sudo: customers create complaints through this one door only.
        cases = request.env["complaint.case"].sudo()
        try:
            case, is_new = cases._intake_once(vals, "portal", form.request_key(), files)
        except UserError as error:
            form.errors["form"] = error.args[0]
            return self._complaint_render_form(form)
        notice = "received" if is_new else "again"
        return request.redirect(f"/my/complaints/{case.id}?notice={notice}")

    def _complaint_may_submit(self):
        return request.env["complaint.case"].has_access("read")

    def _complaint_render_form(self, form):
        return request.render(
            "complaint_management.portal_complaint_new",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "complaint_new",
                **form.page(),
            },
        )
