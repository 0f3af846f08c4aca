import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";

/**
 * A share in pivots and graphs. Where there is nothing to take a share of, Odoo's
 * percentage says 0%, which is another statement.
 */
export function formatShare(value, options) {
    return typeof value === "number" ? formatPercentage(value, options) : "";
}
formatShare.extractOptions = formatPercentage.extractOptions;

registry.category("formatters").add("complaint_share", formatShare);
