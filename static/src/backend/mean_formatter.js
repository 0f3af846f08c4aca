import { registry } from "@web/core/registry";
import { formatFloat } from "@web/views/fields/formatters";

/**
 * An average in pivots and graphs. Of no answers there is none: Odoo's float says 0.00,
 * which would be the worst of all.
 */
export function formatMean(value, options) {
    return typeof value === "number" ? formatFloat(value, options) : "";
}
formatMean.extractOptions = formatFloat.extractOptions;

registry.category("formatters").add("complaint_mean", formatMean);
