import re
import uuid

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..tools import uploads
from . import limits, portal_points, replies
from .customer_form import CustomerForm


class ComplaintForm(CustomerForm):
    """The form of the portal; ``points`` are the rows of what is complained of."""

    def __init__(self, env, data=None, files=()):
        self.env = env
        self.partner = env.user.partner_id
        self.errors = {}
        data = data or {}
        self.values = {
            name: portal_points.clean(data.get(name))
            for name in (*self.texts, "order_id", "date_occurred")
        }
        self.points = portal_points.read_points(data)
        self.key = data.get("request_key") or ""
        self.uploads = list(files)
        self.orders = env["complaint.case"]._portal_orders(self.partner)
        self._find_older_order()
        self.lines = env["complaint.case"]._portal_order_lines(self.orders)
        self.categories = env["complaint.category"].search([("parent_id", "=", False)])

    def _find_older_order(self):
        """An order that a link leads here from may not be among the latest."""
        order_id = portal_points.number(self.values["order_id"])
        if order_id and order_id not in self.orders.ids:
            self.orders |= self.env["complaint.case"]._portal_orders(
                self.partner, [order_id]
            )

    def add_point(self):
        """One more row, for a browser without JavaScript."""
        last = int(self.points[-1]["n"])
        if len(self.points) < portal_points.MAX_POINTS:
            self.points.append(portal_points.empty_point(last + 1))

    # Checks ------------------------------------------------------------------------

    def check(self):
        """Fill ``errors``; return the values of the case."""
        points = portal_points.PointsCheck(
            self.env, self.points, self.lines, self.categories
        )
        order = self._check_order(points)
        allegations = points.check(order)
        self.errors.update(points.errors)
        # sudo: lines that the check above accepted.
        lines = self.env["sale.order.line"].sudo()
        vals = {
            "partner_id": self.partner.id,
            "order_id": order.id,
            "subject": portal_points.subject(self.env, allegations),
            # The first problem is the main one.
            "category_id": allegations[0]["category_id"],
            "product_id": lines.browse(
                [vals["order_line_id"] for vals in allegations if vals["order_line_id"]]
            )[:1].product_id.id,
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
        if not self.errors:
            vals["allegation_ids"] = portal_points.commands(self.env, allegations)
        return vals

    def _check_order(self, points):
        chosen = portal_points.number(self.values["order_id"])
        order = self.orders.filtered(lambda order: order.id == chosen)
        if self.values["order_id"] and not order:
            self.errors["order_id"] = self.env._("Please choose one of your orders.")
        return order or points.order()

    # Out ---------------------------------------------------------------------------

    def request_key(self):
        """What makes two submissions the same: the form, and what was typed into it.

        A customer who goes back, writes of something else and sends the form again
        has made another complaint.
        """
        return self.env["complaint.case"]._request_key(
            "portal", self.partner.id, self.key, self.values, self.points
        )

    def page(self):
        """Plain values for the template."""
        return {
            "values": self.values,
            "points": self.points,
            "empty_point": portal_points.empty_point("__n__"),
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
                    "lines": [
                        {"id": str(line.id), "name": name}
                        for line, name in self._line_names(order)
                    ],
                }
                for order in self.orders
            ],
            "limits": {
                **uploads.limits(),
                **self.texts,
                "summary": portal_points.SUMMARY_LENGTH,
                "points": portal_points.MAX_POINTS,
            },
        }

    def _line_names(self, order):
        """Product and quantity: the same product may be on an order twice."""
        lines = self.lines[order].with_context(display_default_code=False)
        return [
            (
                line,
                f"{line.product_id.display_name} · "
                f"{line.product_uom_qty:g} {line.product_uom_id.name or ''}".rstrip(),
            )
            for line in lines
        ]


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
        if post.get("add"):
            form.add_point()
            return self._complaint_render_form(form)
        vals = form.check()
        files = form.read_files()
        if not form.errors and limits.is_over("complaint"):
            form.errors["form"] = limits.words(request.env)["complaint"]
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
        return replies.done(f"/my/complaints/{case.id}?notice={notice}")

    def _complaint_may_submit(self):
        return request.env["complaint.case"].has_access("read")

    def _complaint_render_form(self, form):
        if form.errors and replies.wants_json():
            return replies.refused(form.errors)
        return request.render(
            "complaint_management.portal_complaint_new",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "complaint_new",
                **form.page(),
            },
        )
