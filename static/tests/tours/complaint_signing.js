/** @odoo-module **/
/* One of three people signs a report (tests/test_investigation_tour.py). */
import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("complaint_sign_report", {
    steps: () => [
        {
            trigger: ".o_form_view button[name=action_sign]",
            run: "click",
        },
        {
            trigger: ".modal .o_signature",
            run: "click",
        },
        {
            content: "The own name, written as a signature",
            trigger: ".modal .o_web_sign_auto_button",
            run: "click",
        },
        {
            trigger: ".modal .btn-primary:enabled:contains(Adopt)",
            run: "click",
        },
        {
            content: "It stands in the dialogue",
            trigger: ".modal img.o_signature",
        },
        {
            trigger: ".modal button[name=action_sign]",
            run: "click",
        },
        {
            content: "It is the next one's turn",
            trigger: ".o_form_view:not(:has(button[name=action_sign]))",
        },
        {
            trigger: ".o_form_view a[name=signatures]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=signature_ids] .o_data_row",
        },
    ],
});
