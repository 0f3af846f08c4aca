import { registry } from "@web/core/registry";
import { StatusBarField, statusBarField } from "@web/views/fields/statusbar/statusbar_field";

/** The bar of stages: a move that is refused is taken back, and nothing else is. */
export class ComplaintStageField extends StatusBarField {
    async selectItem(item) {
        const { name, record } = this.props;
        const before = record.data[name];
        try {
            await super.selectItem(item);
        } catch (error) {
            await record.update({ [name]: before });
            throw error;
        }
    }
}

registry.category("fields").add("complaint_stage", {
    ...statusBarField,
    component: ComplaintStageField,
    additionalClasses: ["o_field_statusbar"],
});
