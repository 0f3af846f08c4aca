/** @odoo-module **/
/* Typing a complaint in, deciding otherwise with a reason, handing it over
   (tests/test_tour_classify.py). */
import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("complaint_classify", {
    steps: () => [
        {
            trigger: ".o_complaint_subject textarea",
            run: "edit The lamp caught fire",
        },
        {
            content: "Leave the field: rules read what was typed",
            trigger: ".o_field_widget[name=demand] textarea",
            run: "edit My money back",
        },
        {
            content: "Urgent, and why",
            trigger: ".o_complaint_why:contains(Urgent):contains(caught fire)",
        },
        {
            content: "The handler thinks otherwise: one star",
            trigger: ".oe_title .o_field_widget[name=priority] a.o_priority_star:first",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=override_reason] input",
            run: "edit It was a candle",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "The reason is on record",
            trigger: ".o_complaint_why:contains(It was a candle)",
        },
        {
            trigger: "button[name=action_accept]",
            run: "click",
        },
        {
            trigger: "button[name=action_hand_over]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=user_id] input",
            run: "edit cm_colleague",
        },
        {
            trigger: ".modal .o-autocomplete--dropdown-item:contains(cm_colleague) a",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Promised a call on Monday",
        },
        {
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The colleague has it",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=user_id] input:value(cm_colleague)",
        },
    ],
});
