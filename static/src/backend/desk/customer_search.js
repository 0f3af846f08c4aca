import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component, useState } from "@odoo/owl";

const DELAY = 250;
const LETTERS = 2;

/**
 * One field that finds the customer by phone, e-mail, name, number of an order or of a
 * complaint. Typed or scanned: a scanner types and presses Enter, which takes the only
 * or the first row that is sure.
 */
export class ComplaintCustomerSearch extends Component {
    static template = "complaint_management.CustomerSearch";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({ text: "", rows: [], at: 0, searched: "" });
        this.input = useAutofocus({ refName: "input" });
        this.searchSoon = useDebounced(() => this.search(), DELAY);
    }

    get isUnknown() {
        const { text, searched, rows } = this.state;
        return searched && searched === text.trim() && !rows.length;
    }

    /** How a customer can be reached, to tell two of the same name apart. */
    reached(row) {
        return [row.phone, row.email, row.city].filter(Boolean).join(" · ");
    }

    onInput(ev) {
        this.state.text = ev.target.value;
        this.searchSoon();
    }

    async search() {
        const text = this.state.text.trim();
        if (text.length < LETTERS) {
            Object.assign(this.state, { rows: [], searched: "", at: 0 });
            return;
        }
        if (text === this.state.searched) {
            return;
        }
        const rows = await this.keepLast.add(
            this.orm.silent.call("complaint.entry", "find_customers", [text])
        );
        Object.assign(this.state, { rows, searched: text, at: 0 });
    }

    async onKeydown(ev) {
        const { rows, at } = this.state;
        if (ev.key === "ArrowDown" || ev.key === "ArrowUp") {
            const step = ev.key === "ArrowDown" ? 1 : -1;
            if (rows.length) {
                this.state.at = (at + step + rows.length) % rows.length;
            }
        } else if (ev.key === "Escape") {
            Object.assign(this.state, { text: "", rows: [], searched: "", at: 0 });
        } else if (ev.key === "Enter") {
            ev.preventDefault();
            ev.stopPropagation();
            await this.onEnter();
            return;
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    async onEnter() {
        const isCurrent = this.state.searched === this.state.text.trim();
        await this.search();
        const { rows, at } = this.state;
        if (rows.length && (isCurrent || rows.length === 1)) {
            await this.choose(rows[at]);
        } else if (isCurrent && this.isUnknown) {
            // Only when it was seen that nobody is known: a number that was scanned is
            // no name.
            await this.takeAsNew();
        }
    }

    async choose(row) {
        if (row.kind === "case") {
            return this.action.doAction({
                type: "ir.actions.act_window",
                res_model: "complaint.case",
                res_id: row.case_id,
                views: [[false, "form"]],
            });
        }
        const { record } = this.props;
        await record.update({
            partner_id: { id: row.partner_id, display_name: row.partner },
        });
        if (row.order_id) {
            await record.update({
                order_id: { id: row.order_id, display_name: row.order },
            });
        }
        this.focusOn(row.order_id ? "subject" : "order_id");
    }

    /** Nobody is known by it: what was typed is the beginning of a new contact. */
    async takeAsNew() {
        const text = this.state.text.trim();
        let field = "partner_name";
        if (text.includes("@")) {
            field = "email_from";
        } else if (/^[\d\s+()./-]+$/.test(text)) {
            field = "phone";
        }
        await this.props.record.update({ [field]: text });
        Object.assign(this.state, { text: "", rows: [], searched: "", at: 0 });
        this.focusOn(field === "partner_name" ? "phone" : "partner_name");
    }

    focusOn(field) {
        const form = this.input.el && this.input.el.closest(".o_form_view");
        requestAnimationFrame(() => {
            const next = form && form.querySelector(`div[name=${field}] input, div[name=${field}] textarea`);
            if (next) {
                next.focus();
            }
        });
    }
}

registry.category("view_widgets").add("complaint_customer_search", {
    component: ComplaintCustomerSearch,
});
