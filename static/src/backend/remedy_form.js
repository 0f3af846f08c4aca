import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/**
 * What is approved is what was seen: the button tells the revision that was on the
 * screen when it was pressed. The form saves itself first and reads the record anew;
 * what somebody else changed meanwhile would be approved unseen.
 */
class RemedyFormController extends FormController {
    async beforeExecuteActionButton(clickParams) {
        const record = this.model.root;
        const seen = record.data.revision + ((await record.isDirty()) ? 1 : 0);
        const result = await super.beforeExecuteActionButton(...arguments);
        if (clickParams.name === "action_approve") {
            clickParams.buttonContext = { seen_revision: seen };
        }
        return result;
    }
}

registry.category("views").add("complaint_remedy_form", {
    ...formView,
    Controller: RemedyFormController,
});
