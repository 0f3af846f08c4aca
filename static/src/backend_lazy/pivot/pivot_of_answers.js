import { registry } from "@web/core/registry";
import { PivotModel } from "@web/views/pivot/pivot_model";
import { pivotView } from "@web/views/pivot/pivot_view";

/**
 * What is empty on the screen is empty in the file: of no answers there is no average,
 * for which the server says false, and a spreadsheet would say FALSE.
 */
export class PivotOfAnswersModel extends PivotModel {
    exportData() {
        const data = super.exportData();
        for (const row of data.rows) {
            for (const cell of row.values) {
                cell.value = cell.value === false ? "" : cell.value;
            }
        }
        return data;
    }
}

/** For any model whose averages may be of nothing: <pivot js_class="complaint_pivot">. */
export const pivotOfAnswers = { ...pivotView, Model: PivotOfAnswersModel };

registry.category("views").add("complaint_pivot", pivotOfAnswers);
