import { _t } from "@web/core/l10n/translation";
import { toLocaleDateString, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

/**
 * A deadline in words. Midnight is told as the end of the day before it: nobody
 * understands "Friday 00:00" as the end of Thursday.
 *
 * @param {luxon.DateTime} deadline in the user's time zone
 * @returns {string}
 */
export function deadlineInWords(deadline) {
    if (deadline.hour || deadline.minute || deadline.second) {
        return toLocaleDateTimeString(deadline);
    }
    return _t("the end of %(day)s", {
        day: toLocaleDateString(deadline.minus({ minutes: 1 })),
    });
}

/** A deadline, read only, see {@link deadlineInWords}. */
export class ComplaintDeadlineField extends Component {
    static template = "complaint_management.DeadlineField";
    static props = { ...standardFieldProps };

    get text() {
        const deadline = this.props.record.data[this.props.name];
        return deadline ? deadlineInWords(deadline) : "";
    }
}

export const complaintDeadlineField = {
    component: ComplaintDeadlineField,
    displayName: _t("Deadline"),
    supportedTypes: ["datetime"],
    listViewWidth: [150, 170],
};

registry.category("fields").add("complaint_deadline", complaintDeadlineField);
