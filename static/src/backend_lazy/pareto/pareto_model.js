import { _t } from "@web/core/l10n/translation";
import { GraphModel } from "@web/views/graph/graph_model";

import { cumulativeShares } from "./cumulative_shares";

const ADDABLE = ["sum", "count", "count_distinct"];

export class ParetoModel extends GraphModel {
    /** @override: bars are in order, whatever order was chosen for lines. */
    _getProcessedDataPoints() {
        const { order, mode } = this.metaData;
        if (mode !== "bar") {
            return super._getProcessedDataPoints();
        }
        this.metaData.order = "DESC";
        try {
            return super._getProcessedDataPoints();
        } finally {
            this.metaData.order = order;
        }
    }

    /** @override: instead of a sum, the share of all that the bars make up so far. */
    _getLineOverlayDataset() {
        if (!this._canAddUp()) {
            return null;
        }
        const { datasets, labels } = this.data;
        const totals = labels.map((_label, index) =>
            datasets.reduce((sum, dataset) => sum + dataset.data[index], 0)
        );
        const data = cumulativeShares(totals);
        return data.length
            ? {
                  label: _t("Share together"),
                  data,
                  yAxisID: "share",
                  trueLabels: labels.slice(),
                  currencyIds: [],
              }
            : null;
    }

    /** Whether shares of the measure mean anything: averages do not add up. */
    _canAddUp() {
        const { measure, fields } = this.metaData;
        const field = fields[measure];
        return (
            measure === "__count" || field.type === "many2one" || ADDABLE.includes(field.aggregator)
        );
    }
}
