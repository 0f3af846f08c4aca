import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { graphView } from "@web/views/graph/graph_view";

/**
 * A graph of averages and shares. For any model: <graph js_class="complaint_means">.
 *
 * Where there is nothing to take an average of, Odoo draws 0, which is another
 * statement: here nothing is drawn, and nothing is told when pointed at.
 */
export class MeansModel extends GraphModel {
    /** @override */
    _getData() {
        const data = super._getData(...arguments);
        const { measure, fields } = this.metaData;
        if (fields[measure]?.aggregator !== "avg") {
            return data;
        }
        for (const dataset of data.datasets) {
            const known = new Map(
                this._valuesOf(dataset).map(({ labelIndex, value }) => [labelIndex, value])
            );
            dataset.data = dataset.data.map((_value, index) => {
                const value = known.get(index);
                return typeof value === "number" ? value : null;
            });
        }
        return data;
    }

    /** The points of a dataset; Odoo fills the places of all others with 0. */
    _valuesOf(dataset) {
        return this.dataPoints.filter((point) => dataset.identifiers.has(point.identifier));
    }
}

export const meansView = { ...graphView, Model: MeansModel };

registry.category("views").add("complaint_means", meansView);
