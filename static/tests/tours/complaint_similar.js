/** @odoo-module **/
/* A complaint that came in twice, at the handler's desk (tests/test_merge_doors.py). */
import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("complaint_similar_merge", {
    steps: () => [
        {
            content: "The one that looks alike is named, with the reason",
            trigger: ".o_complaint_similar li:contains(same customer, same order)",
        },
        {
            content: "One of them is something else",
            trigger: ".o_complaint_similar li:contains(Lid) button:contains(Something else)",
            run: "click",
        },
        {
            trigger: ".o_complaint_similar:not(:has(li:contains(Lid)))",
        },
        {
            trigger: ".o_complaint_similar li button:contains(Merge)",
            run: "click",
        },
        {
            content: "What came first remains; what happens is said before",
            trigger: ".modal .alert-info:contains(Moves to)",
        },
        {
            trigger: ".modal-footer button[name=action_merge]",
            run: "click",
        },
        {
            trigger: "button[name=action_view_merged]",
        },
        {
            trigger: ".o_complaint_subject textarea:value(First told)",
        },
    ],
});

registry.category("web_tour.tours").add("complaint_similar_new", {
    steps: () => [
        {
            trigger: ".o_complaint_subject textarea",
            run: "edit First told once more",
        },
        {
            trigger: "div[name=partner_id] input",
            run: "edit Ann",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Ann)",
            run: "click",
        },
        {
            content: "What looks alike is shown while the complaint is typed",
            trigger: ".o_complaint_similar li:contains(First told)",
        },
        {
            content: "Nothing can be done before it is saved, but opened",
            trigger: ".o_complaint_similar:not(:has(li button))",
        },
        {
            trigger: ".o_form_button_cancel",
            run: "click",
        },
        {
            trigger: ".o_list_view, .o_kanban_view",
        },
    ],
});
