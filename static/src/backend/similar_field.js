import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component, useState } from "@odoo/owl";

const MODEL = "complaint.case";
const ACTION = "/odoo/action-complaint_management.complaint_case_action";

/**
 * Complaints that look like the one on the form, with the reasons and what can be done.
 *
 * The value comes from the server, and anew whenever customer, order, product or text
 * change. What is done needs a saved complaint; until then they can be opened only.
 */
export class ComplaintSimilarField extends Component {
    static template = "complaint_management.SimilarField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ isOpen: true, isBusy: false });
    }

    get cases() {
        return this.props.record.data[this.props.name] || [];
    }

    get isSaved() {
        return !this.props.record.isNew;
    }

    get canAct() {
        const { phase } = this.props.record.data;
        // Of a complaint only: one that is being taken down is none yet.
        return this.isSaved && this.props.record.resModel === MODEL && phase !== "answered" && phase !== "closed";
    }

    /** A customer's only complaint alike, and no other person looks, is worth a look. */
    get tone() {
        return this.cases.some((found) => found.is_likely) ? "warning" : "info";
    }

    url(found) {
        return `${ACTION}/${found.id}`;
    }

    canMerge(found) {
        return !found.is_recorded;
    }

    async merge(found) {
        const next = await this._call("action_similar_merge", found);
        if (next) {
            await this.action.doAction(next, {
                onClose: () => this.reload(),
            });
        }
    }

    async markRepeat(found) {
        if (await this._call("action_mark_repeat", found)) {
            await this.reload();
        }
    }

    async markDistinct(found) {
        if (await this._call("action_similar_distinct", found)) {
            await this.reload();
        }
    }

    /** Of a page, the form around it is read anew. */
    reload() {
        return this.env.complaintForm ? this.env.complaintForm.reload() : this.props.record.load();
    }

    /** Save what is typed, then ask the server; one click at a time. */
    async _call(method, found) {
        if (this.state.isBusy || !(await this.props.record.save())) {
            return false;
        }
        this.state.isBusy = true;
        try {
            const id = this.props.record.resId;
            return await this.orm.call(MODEL, method, [[id], found.id]);
        } finally {
            this.state.isBusy = false;
        }
    }
}

export const complaintSimilarField = {
    component: ComplaintSimilarField,
    displayName: _t("Similar complaints"),
    supportedTypes: ["json"],
};

registry.category("fields").add("complaint_similar", complaintSimilarField);
