/** @odoo-module **/
/* A major complaint from the question to a colleague to the customer's last word, each
   tour walked by another person (tests/test_investigation_tour.py). */
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("complaint_path_colleague", {
    steps: () => [
        {
            trigger: ".o_form_view div[name=question]:contains(Which seal)",
        },
        {
            trigger: ".o_form_view div[name=answer] textarea",
            run: "edit The old one: the new ones came a week later.",
        },
        {
            trigger: ".o_form_statusbar button[name=action_answer]",
            run: "click",
        },
        {
            content: "It is sent and stays",
            trigger: ".o_form_view:not(:has(button[name=action_answer])) div[name=answered_at]",
        },
    ],
});

tours.add("complaint_path_investigate", {
    steps: () => [
        {
            trigger: ".oe_stat_button[name=action_open_investigation]",
            run: "click",
        },
        {
            trigger: ".o_form_view a[name=facts].active",
        },
        {
            trigger: "div[name=facts] .odoo-editor-editable",
            run: "editor The seal is missing.",
        },
        {
            trigger: ".o_form_view a[name=verification]",
            run: "click",
        },
        {
            content: "The colleague's answer is there",
            trigger: "div[name=question_ids] .o_data_row:contains(The old one)",
        },
        {
            trigger: ".o_form_view a[name=conclusion]",
            run: "click",
        },
        {
            trigger: "div[name=conclusion] .odoo-editor-editable",
            run: "editor It leaks because of that.",
        },
        {
            trigger: ".o_form_statusbar button[name=action_submit]",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_sign]",
        },
    ],
});

tours.add("complaint_path_answer", {
    steps: () => [
        {
            trigger: ".o_notebook_headers a[name=answer]",
            run: "click",
        },
        {
            trigger: "div[name=answer] .odoo-editor-editable",
            run: "editor You are right. You get a new kettle.",
        },
        {
            trigger: ".o_form_statusbar button[name=action_prepare_answer]",
            run: "click",
        },
        {
            content: "The checklist says what is missing",
            trigger: ".modal .o_data_row:contains(Missing):contains(approves it first)",
        },
        {
            trigger: ".modal:not(:has(button[name=action_send])) button[name=action_ask_approval]",
            run: "click",
        },
        {
            content: "The page below is read anew",
            trigger: "body:not(:has(.modal)) .o_complaint_page:contains(To be approved)",
        },
    ],
});

tours.add("complaint_path_approve", {
    steps: () => [
        {
            trigger: ".o_notebook_headers a[name=answer]",
            run: "click",
        },
        {
            trigger: ".o_complaint_page button[name=action_approve_answer]",
            run: "click",
        },
        {
            trigger: ".o_complaint_page .o_data_row:contains(Approved)",
        },
    ],
});

tours.add("complaint_path_send", {
    steps: () => [
        {
            trigger: ".o_form_statusbar button[name=action_prepare_answer]",
            run: "click",
        },
        {
            trigger: ".modal:not(:has(.o_data_row:contains(Missing))) button[name=action_send]",
            run: "click",
        },
        {
            trigger: ".o_form_statusbar button[name=action_prepare_close]",
        },
        {
            trigger: ".o_notebook_headers a[name=answer]",
            run: "click",
        },
        {
            trigger: ".o_complaint_page div[name=answer_ids] .o_data_row:contains(By mail)",
        },
    ],
});
