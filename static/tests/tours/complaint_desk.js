/** @odoo-module **/
/* The desk: a call taken down by keyboard, and one thing done to many complaints. */
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("complaint_take_down", {
    steps: () => [
        {
            content: "A number as the caller says it, then Enter as a scanner sends it",
            trigger: ".o_complaint_search input",
            run: "edit 030 1234567 && press Enter",
        },
        {
            content: "The customer is there, with what is known",
            trigger: ".o_complaint_customer_head:contains(Zoe Zander)",
        },
        {
            trigger: "div[name=subject] input",
            run: "edit No hot water",
        },
        {
            trigger: "div[name=description] textarea",
            run: "edit Since Monday.",
        },
        {
            trigger: "button[name=action_register]",
            run: "click",
        },
        {
            content: "The number to read out",
            trigger: ".o_complaint_number:contains(/)",
        },
        {
            trigger: "button[name=action_next]",
            run: "click",
        },
        {
            content: "The page is clear for the next one",
            trigger: ".o_complaint_search input:value()",
        },
        {
            trigger: ".o_complaint_search input",
            run: "edit 0555 000111 && press Enter",
        },
        {
            content: "Nobody is known by it: Enter takes it for somebody new",
            trigger: ".o_complaint_search:contains(Nobody is known)",
        },
    ],
});

tours.add("complaint_work_on_many", {
    steps: () => [
        {
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: "button[name=action_work_on_many]",
            run: "click",
        },
        {
            trigger: ".o_complaint_bulk input[data-value=classify]",
            run: "click",
        },
        {
            trigger: "div[name=priority] select, div[name=priority] input",
        },
        {
            trigger: ".o_complaint_bulk input[data-value=acknowledge]",
            run: "click",
        },
        {
            trigger: "button[name=action_check]",
            run: "click",
        },
        {
            trigger: ".alert-info:contains(can be done as they are)",
        },
        {
            trigger: "button[name=action_start]",
            run: "click",
        },
        {
            content: "Worked off in parts, to the end",
            trigger: ".progress-bar.bg-success:contains(100)",
        },
        {
            trigger: "button[name=action_back]",
            run: "click",
        },
        {
            trigger: ".o_list_view",
        },
    ],
});
