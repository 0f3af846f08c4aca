import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";

/**
 * Tells the browser which fields are needed. What applies is shown by the style sheet,
 * and the server takes only that.
 */
export class ComplaintGuestForm extends Interaction {
    static selector = ".o_complaint_guest_form";
    dynamicContent = {
        "#complaint_is_anonymous, #complaint_is_on_behalf": { "t-on-change": () => {} },
        "#complaint_name": {
            "t-att-required": () => (this.ticked("is_anonymous") ? undefined : "required"),
        },
        "#complaint_behalf_name, #complaint_behalf_relation": {
            "t-att-required": () => (this.ticked("is_on_behalf") ? "required" : undefined),
        },
        // The browser may fill in again what was ticked when it goes back.
        _window: { "t-on-pageshow": () => {} },
    };

    ticked(name) {
        return Boolean(this.el.querySelector(`#complaint_${name}`)?.checked);
    }
}

/** Number and code can be copied and printed. */
export class ComplaintCode extends Interaction {
    static selector = ".o_complaint_code";
    dynamicContent = {
        ".o_complaint_copy": { "t-on-click": this.copy, "t-att-hidden": () => undefined },
        ".o_complaint_print": {
            "t-on-click": () => window.print(),
            "t-att-hidden": () => undefined,
        },
    };

    async copy(event) {
        const button = event.currentTarget;
        const label = button.querySelector(".o_complaint_copy_label");
        try {
            await navigator.clipboard.writeText(button.dataset.text);
            label.textContent = _t("Copied");
        } catch {
            // Only secure pages may; the text can still be selected.
            label.textContent = _t("Please copy it by hand");
        }
    }
}

const interactions = registry.category("public.interactions");
interactions.add("complaint_management.guest_form", ComplaintGuestForm);
interactions.add("complaint_management.code", ComplaintCode);
