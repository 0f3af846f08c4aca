import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component, onMounted, onPatched, onWillDestroy, useState } from "@odoo/owl";

/**
 * Works on many complaints, a part at a time, and shows how far it is. When the page is
 * left the server goes on by itself.
 */
export class ComplaintBulkProgress extends Component {
    static template = "complaint_management.BulkProgress";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ work: null, failed: false });
        onMounted(() => this.run());
        onPatched(() => this.run());
        onWillDestroy(() => (this.isLeft = true));
    }

    get shown() {
        const { data } = this.props.record;
        return (
            this.state.work || {
                state: data.state,
                done: data.done_count,
                left: data.left_count,
                total: data.total_count,
            }
        );
    }

    get share() {
        const { done, left, total } = this.shown;
        return total ? Math.round((100 * (done + left)) / total) : 0;
    }

    async run() {
        const { record } = this.props;
        if (this.isRunning || record.data.state !== "running" || this.state.failed) {
            return;
        }
        this.isRunning = true;
        try {
            while (!this.isLeft) {
                const work = await this.orm.silent.call("complaint.bulk", "work_on", [
                    [record.resId],
                ]);
                this.state.work = work;
                if (work.state !== "running") {
                    break;
                }
            }
            if (!this.isLeft) {
                await record.load();
            }
        } catch {
            this.state.failed = true;
        } finally {
            this.isRunning = false;
        }
    }
}

registry.category("view_widgets").add("complaint_bulk_progress", {
    component: ComplaintBulkProgress,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "done_count", type: "integer" },
        { name: "left_count", type: "integer" },
        { name: "total_count", type: "integer" },
    ],
});
