/** @odoo-module **/
/* The way of somebody without an account, on a phone (tests/test_guest_browser.py). */
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** Nothing may be wider than the screen. */
function fits() {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) {
        throw new Error(`${scrollWidth} pixels wide on a screen of ${clientWidth}`);
    }
}

tours.add("complaint_guest_send", {
    steps: () => [
        {
            content: "Anonymous: no contact is asked for",
            trigger: "#complaint_is_anonymous",
            run: "click",
        },
        {
            trigger: ".o_complaint_contact:not(:visible)",
        },
        {
            trigger: "#complaint_is_anonymous",
            run: "click",
        },
        {
            trigger: "#complaint_name",
            run: "edit Gus Guest",
        },
        {
            trigger: "#complaint_email",
            run: "edit gus@example.com",
        },
        {
            content: "For somebody else: by which authority",
            trigger: "#complaint_is_on_behalf",
            run: "click",
        },
        {
            trigger: "#complaint_behalf_name",
            run: "edit Ida Infirm",
        },
        {
            trigger: "#complaint_behalf_relation",
            run: "select guardian",
        },
        {
            trigger: "#complaint_behalf_authority",
            run: "edit Court order of 3 May",
        },
        {
            trigger: "#complaint_order_number",
            run: "edit S00042",
        },
        {
            trigger: "#complaint_subject",
            run: "edit The kettle leaks 漏水",
        },
        {
            trigger: "#complaint_description",
            run: "edit There is water on the table after each use.",
        },
        {
            trigger: "#complaint_consent",
            run: "click",
        },
        {
            trigger: ".o_complaint_guest_form",
            run: fits,
        },
        {
            trigger: ".o_complaint_submit",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Number and code can be kept",
            trigger: ".o_complaint_code .o_complaint_copy:visible",
            run: fits,
        },
        {
            trigger: ".o_complaint_code a:contains(Follow my complaint)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "section:contains(What we promise)",
            run: fits,
        },
        {
            trigger: "#complaint_message",
            run: "edit It is the red one.",
        },
        {
            trigger: ".o_complaint_say button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert-success:contains(We have your message)",
        },
        {
            trigger: ".o_complaint_message_own:contains(It is the red one.)",
        },
        {
            trigger: ".o_complaint_leave button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "#complaint_code_typed",
        },
    ],
});

tours.add("complaint_guest_follow", {
    steps: () => [
        {
            content: "A wrong code opens nothing",
            trigger: "#complaint_code_typed",
            run: "edit 0000-0000-0000",
        },
        {
            trigger: "form[action='/complaints/track']",
            run() {
                // The test hands over the code where no server ever sees it.
                sessionStorage.setItem("complaint_code", location.hash.slice(1));
            },
        },
        {
            trigger: "form[action='/complaints/track'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert-danger:contains(do not fit together)",
        },
        {
            trigger: "#complaint_code_typed",
            run() {
                this.anchor.value = sessionStorage.getItem("complaint_code").toLowerCase();
            },
        },
        {
            trigger: "form[action='/complaints/track'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".o_complaint_answer:contains(We replace it.)",
            run: fits,
        },
        {
            trigger: "button:contains(I accept the answer)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert-success:contains(You accepted the answer)",
        },
    ],
});
