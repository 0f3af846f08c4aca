import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

import { forgetDraft, forgetOtherDrafts } from "./complaint_draft";

/**
 * A form that is sent once: its buttons rest while the answer is under way. Not before
 * the browser has read the form: a button that rests would not say that it was pressed.
 */
export class ComplaintOnce extends Interaction {
    static selector = ".o_complaint_once";
    dynamicContent = {
        _root: { "t-on-submit": this.send },
        _window: { "t-on-pageshow": () => this.rest(false) },
    };

    setup() {
        this.isSent = false;
    }

    send(ev) {
        if (this.isSent) {
            ev.preventDefault();
            return;
        }
        this.isSent = true;
        this.waitForTimeout(() => this.rest(true), 0);
    }

    rest(busy) {
        this.isSent = busy;
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

/** What could not be done is told first to whoever cannot see the page. */
export class ComplaintError extends Interaction {
    static selector = ".o_complaint_error";

    start() {
        this.el.focus();
    }
}

/** The complaint is in, however it was sent: its draft is not needed any more. */
export class ComplaintReceived extends Interaction {
    static selector = ".o_complaint_received";

    start() {
        forgetDraft(this.el.dataset.user);
    }
}

/** Who logs out leaves nothing behind on a shared computer. */
export class ComplaintLogout extends Interaction {
    static selector = "a[href*='/web/session/logout']";
    dynamicContent = {
        _root: { "t-on-click": () => forgetOtherDrafts() },
    };
}

const interactions = registry.category("public.interactions");
interactions.add("complaint_management.once", ComplaintOnce);
interactions.add("complaint_management.toolbar", ComplaintToolbar);
interactions.add("complaint_management.error", ComplaintError);
interactions.add("complaint_management.received", ComplaintReceived);
interactions.add("complaint_management.logout", ComplaintLogout);
