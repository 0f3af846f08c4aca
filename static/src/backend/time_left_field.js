import { _t } from "@web/core/l10n/translation";
import { evaluateBooleanExpr } from "@web/core/py_js/py";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

import { deadlineInWords } from "./deadline_field";
import { useMinuteClock } from "./minute_clock";
import { timeLeft } from "./time_left";

const TONES = {
    overdue: { text: "text-danger fw-bold", icon: "fa-exclamation-circle" },
    near: { text: "o_complaint_near fw-bold", icon: "fa-clock-o" },
    far: { text: "text-success", icon: "fa-clock-o" },
};

/**
 * Time left until a stored deadline, in words and colour.
 *
 * Options: `done` is an expression over the record's fields; while it holds, the
 * limit no longer runs and its date is shown in grey. Without it a limit is done
 * when the record says so by its phase or its end. A record that is paused says so.
 */
export class ComplaintTimeLeftField extends Component {
    static template = "complaint_management.TimeLeftField";
    static props = {
        ...standardFieldProps,
        done: { type: String, optional: true },
    };

    setup() {
        this.clock = useMinuteClock();
    }

    get deadline() {
        return this.props.record.data[this.props.name];
    }

    get isDone() {
        const { done, record } = this.props;
        if (done) {
            return evaluateBooleanExpr(done, record.evalContextWithVirtualIds);
        }
        return record.data.phase === "closed" || Boolean(record.data.ended_at);
    }

    /** A limit that stands still has no deadline: its record says that it waits. */
    get isPaused() {
        const { data } = this.props.record;
        return !this.deadline && (data.is_paused || data.state === "paused");
    }

    /** What to show; the exact moment, in the user's time zone, is the tooltip. */
    get shown() {
        const title = deadlineInWords(this.deadline);
        if (this.isDone) {
            return { text: title, title, classes: "text-muted", icon: "" };
        }
        const { text, tone } = timeLeft(this.deadline.toMillis(), this.clock.now);
        return { text, title, classes: TONES[tone].text, icon: TONES[tone].icon };
    }
}

export const complaintTimeLeftField = {
    component: ComplaintTimeLeftField,
    displayName: _t("Time left"),
    supportedTypes: ["datetime"],
    supportedOptions: [
        {
            label: _t("Done when"),
            name: "done",
            type: "string",
            help: _t("Expression: while it holds, the limit is shown in grey."),
        },
    ],
    listViewWidth: [140, 160],
    extractProps: ({ options }) => ({ done: options.done }),
};

registry.category("fields").add("complaint_time_left", complaintTimeLeftField);
