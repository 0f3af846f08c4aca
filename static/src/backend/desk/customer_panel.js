import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component, useState } from "@odoo/owl";

const MOVE_KINDS = {
    out_invoice: _t("open invoices"),
    out_refund: _t("open credit notes"),
};

/**
 * The customer at a glance, beside a complaint or one that is being taken down.
 *
 * A line of figures that opens into the latest orders, invoices, complaints and
 * answers to surveys. What the user may not read, the server leaves out.
 */
export class ComplaintCustomerPanel extends Component {
    static template = "complaint_management.CustomerPanel";
    static props = {
        ...standardWidgetProps,
        open: { type: Boolean, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({
            customer: null,
            failed: false,
            isOpen: Boolean(this.props.open),
            isNoting: false,
            needs: "",
            isVulnerable: false,
        });
        useRecordObserver((record) => this.follow(record));
    }

    get caseId() {
        const { resModel, resId } = this.props.record;
        return resModel === "complaint.case" ? resId : false;
    }

    /** Load the customer that the record names, unless it is there already. */
    async follow(record) {
        const partner = record.data.partner_id;
        // With what the customer says of this complaint the average changes.
        const score = record.data.satisfaction_score || "";
        const wanted = `${partner ? partner.id : ""}/${this.caseId || ""}/${score}`;
        if (wanted === this.wanted) {
            return;
        }
        this.wanted = wanted;
        this.state.isNoting = false;
        this.state.failed = false;
        if (!partner) {
            this.state.customer = null;
            return;
        }
        await this.load(partner.id, this.caseId);
    }

    async load(partnerId, caseId) {
        try {
            this.state.customer = await this.keepLast.add(
                this.orm.silent.call(
                    "res.partner",
                    "get_complaint_context",
                    [[partnerId]],
                    { case_id: caseId }
                )
            );
        } catch {
            // A complaint stays usable when its customer may not be read.
            this.state.customer = null;
            this.state.failed = true;
        }
    }

    toggle() {
        this.state.isOpen = !this.state.isOpen;
    }

    moveKind(kind) {
        return MOVE_KINDS[kind] || kind;
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    async openOthers() {
        const action = await this.orm.call(
            "complaint.case",
            "action_view_other_cases",
            [[this.caseId]]
        );
        return this.action.doAction(action);
    }

    async openOrder(id) {
        const action = await this.orm.call(
            "res.partner",
            "action_open_complaint_order",
            [[this.state.customer.id], id]
        );
        return this.action.doAction(action);
    }

    startNote() {
        this.state.needs = this.state.customer.needs;
        this.state.isVulnerable = this.state.customer.is_vulnerable;
        this.state.isNoting = true;
    }

    async saveNote() {
        const { customer, needs, isVulnerable } = this.state;
        await this.orm.call("res.partner", "set_complaint_needs", [
            [customer.id],
            needs,
            isVulnerable,
        ]);
        customer.needs = needs.trim();
        customer.is_vulnerable = isVulnerable;
        this.state.isNoting = false;
    }
}

export const complaintCustomerPanel = {
    component: ComplaintCustomerPanel,
    fieldDependencies: [{ name: "partner_id", type: "many2one" }],
    extractProps: ({ options }) => ({ open: Boolean(options.open) }),
};

registry.category("view_widgets").add("complaint_customer", complaintCustomerPanel);
