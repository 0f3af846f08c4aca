import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { View } from "@web/views/view";
import { useViewButtons } from "@web/views/view_button/view_button_hook";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component, onWillStart, useState, useSubEnv } from "@odoo/owl";

const { DateTime } = luxon;

/** Buttons of a page belong to the form around it: it is saved first, read after. */
class PageController extends FormController {
    setup() {
        super.setup();
        const { complaintForm: form } = this.env;
        useViewButtons(this.rootRef, {
            beforeExecuteAction: () => form.save(),
            reload: () => form.reload(),
        });
    }
}

registry.category("views").add("complaint_page", {
    ...formView,
    Controller: PageController,
});

/**
 * A page of a form that is read from the server when somebody opens it.
 *
 * `view` names a form view of the same model, without the module; it has the js_class
 * complaint_page and is shown for reading. So a form asks for what is seen at once,
 * and not for ten lists behind tabs.
 */
export class ComplaintPage extends Component {
    static template = "complaint_management.Page";
    static components = { View };
    static props = { ...standardWidgetProps, view: String };

    setup() {
        this.viewService = useService("view");
        this.state = useState({ props: null });
        useSubEnv({
            // The title above is that of the form.
            config: { ...this.env.config, setDisplayName: () => {} },
            complaintForm: {
                save: () => this.props.record.save(),
                reload: () => this.props.record.model.load(),
            },
        });
        onWillStart(() => this.load());
    }

    async load() {
        const { resModel } = this.props.record;
        // Looked up here: in the context of the page it would reach every dialogue
        // that is opened from it.
        const found = await this.viewService.loadViews({
            context: { form_view_ref: `complaint_management.${this.props.view}` },
            resModel,
            views: [[false, "form"]],
        });
        this.state.props = {
            type: "form",
            resModel,
            arch: found.views.form.arch,
            fields: found.fields,
            relatedModels: found.relatedModels,
            className: "o_complaint_page",
            display: { controlPanel: false },
            context: this.props.record.context,
            readonly: true,
            preventCreate: true,
            preventEdit: true,
        };
    }

    /** Another record, or the same one read or saved anew: so is the page. */
    get key() {
        const { id, resId, data } = this.props.record;
        const at = data.write_date instanceof DateTime ? data.write_date.toMillis() : "";
        return `${id}/${resId}/${at}`;
    }
}

registry.category("view_widgets").add("complaint_page", {
    component: ComplaintPage,
    extractProps: ({ attrs }) => ({ view: attrs.view }),
    fieldDependencies: [{ name: "write_date", type: "datetime" }],
});
