import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component, markup, useState } from "@odoo/owl";

/**
 * Ready answers, checklists and lessons that fit a complaint, each with its data
 * already in it. One click puts the text into the answer, or into a message.
 */
export class ComplaintGuides extends Component {
    static template = "complaint_management.Guides";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.state = useState({ isOpen: false, isLoading: false, guides: [], shown: 0 });
    }

    async toggle() {
        this.state.isOpen = !this.state.isOpen;
        if (this.state.isOpen) {
            await this.load();
        }
    }

    async load() {
        this.state.isLoading = true;
        // What was just typed decides what fits.
        await this.props.record.save();
        const guides = await this.orm.call("complaint.case", "get_guides", [
            [this.props.record.resId],
        ]);
        this.state.guides = guides.map((guide) => ({
            ...guide,
            // Rendered and sanitized by the server.
            html: markup(guide.html),
        }));
        this.state.shown = guides.length ? guides[0].id : 0;
        this.state.isLoading = false;
    }

    show(guide) {
        this.state.shown = this.state.shown === guide.id ? 0 : guide.id;
    }

    async insert(guide) {
        const { record } = this.props;
        const before = record.data.answer || "";
        await record.update({ answer: markup(String(before) + String(guide.html)) });
        await this.orm.call("complaint.case", "use_guide", [[record.resId], guide.id]);
        this.state.isOpen = false;
        this.notification.add(_t("Added to the answer. Fill in what is in [brackets]."), {
            type: "success",
        });
    }

    async write(guide) {
        const { record } = this.props;
        await record.save();
        const action = await this.orm.call("complaint.case", "action_write_with_guide", [
            [record.resId],
            guide.id,
        ]);
        await this.action.doAction(action, { onClose: () => record.load() });
    }
}

registry.category("view_widgets").add("complaint_guides", {
    component: ComplaintGuides,
    fieldDependencies: [{ name: "answer", type: "html" }],
});
