import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** A form that is sent once: its button rests while the answer is under way. */
export class ComplaintOnce extends Interaction {
    static selector = ".o_complaint_once";
    dynamicContent = {
        _root: { "t-on-submit": () => this.rest(true) },
        _window: { "t-on-pageshow": () => this.rest(false) },
    };

    rest(busy) {
        for (const button of this.el.querySelectorAll("button[type=submit]")) {
            button.disabled = busy;
        }
    }
}

/** The list is sorted as soon as an order is chosen. */
export class ComplaintToolbar extends Interaction {
    static selector = ".o_complaint_toolbar";
    dynamicContent = {
        "#complaint_sort": { "t-on-change": () => this.el.requestSubmit() },
    };
}

const interactions = registry.category("public.interactions");
interactions.add("complaint_management.once", ComplaintOnce);
interactions.add("complaint_management.toolbar", ComplaintToolbar);
