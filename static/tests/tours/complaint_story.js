/** @odoo-module **/
/* The way of one complaint, each tour walked by another person (tests/test_tour.py). */
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("complaint_story_submit", {
    steps: () => [
        {
            content: "The card is there before the first complaint",
            trigger: ".o_portal_my_home a[href='/my/complaints']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "a[href='/my/complaints/new']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Only own orders can be chosen",
            trigger: "select#complaint_order_id:has(option:nth-child(2):last-child)",
            run: "selectByIndex 1",
        },
        {
            trigger: "select#complaint_line_1",
            run: "selectByLabel Kettle · 2 Units",
        },
        {
            trigger: "input#complaint_summary_1",
            run: "edit The kettle leaks 漏水",
        },
        {
            trigger: "textarea#complaint_description",
            run: "edit There is water on the table after each use.",
        },
        {
            trigger: "textarea#complaint_demand",
            run: "edit A new kettle.",
        },
        {
            trigger: ".o_complaint_submit",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Number and status are shown",
            trigger: ".alert-success:contains(We have your complaint)",
        },
        {
            content: "Promised dates are shown",
            trigger: "section:contains(What we promise)",
        },
    ],
});

tours.add("complaint_story_handle", {
    steps: () => [
        {
            trigger: ".o_complaint_subject textarea:value(The kettle leaks)",
        },
        {
            trigger: ".o_form_statusbar button[name=action_accept]",
            run: "click",
        },
        {
            trigger: ".o_form_statusbar button[name=action_investigate]",
            run: "click",
        },
        {
            trigger: ".o_form_statusbar button[name=action_resolve]",
            run: "click",
        },
        {
            content: "The form is loaded anew, or a line would be taken back",
            trigger: ".o_form_statusbar button[name=action_mark_resolved]",
        },
        {
            trigger: ".o_notebook_headers a[name=allegations]",
            run: "click",
        },
        {
            content: "What the customer complains of waits for a finding",
            trigger: "div[name=allegation_ids] .o_data_cell[name=finding]",
            run: "click",
        },
        {
            trigger: "div[name=allegation_ids] div[name=finding] .o_select_menu input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains(/^Upheld$/)",
            run: "click",
        },
        {
            trigger: "div[name=allegation_ids] div[name=finding] input:value(Upheld)",
        },
        {
            content: "Leave the line",
            trigger: ".o_notebook .tab-pane.active p:contains(One line for each)",
            run: "click",
        },
        {
            trigger: "div[name=allegation_ids] .o_data_cell[name=finding]:contains(Upheld)",
        },
        {
            trigger: ".o_notebook_headers a[name=answer]",
            run: "click",
        },
        {
            trigger: "div[name=answer] .odoo-editor-editable",
            run: "editor We are sorry. You get a new kettle.",
        },
        {
            trigger: ".o_form_statusbar button[name=action_mark_resolved]",
            run: "click",
        },
        {
            trigger: ".o_form_statusbar button.btn-primary[name=action_prepare_answer]",
            run: "click",
        },
        {
            trigger: ".modal-footer .btn-primary:contains(Send answer)",
            run: "click",
        },
        {
            trigger: ".o_form_statusbar button[name=action_prepare_close]",
        },
    ],
});

tours.add("complaint_story_accept", {
    steps: () => [
        {
            trigger: "#answer:contains(You get a new kettle)",
        },
        {
            trigger: "#reaction form[action$='/accept'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert-success:contains(the complaint is closed)",
        },
    ],
});

tours.add("complaint_story_survey", {
    steps: () => [
        {
            trigger: ".o_survey_start button[value=start]:not(.disabled)",
            run: "click",
        },
        {
            content: "The overall question, which must be answered",
            trigger: ".js_question-wrapper:contains(All in all) label[for$=_9]",
            run: "click",
        },
        {
            trigger: "button[value=finish]:not(.disabled)",
            run: "click",
        },
        {
            trigger: ".modal-footer .btn-primary:contains(Submit)",
            run: "click",
        },
        {
            trigger: ".o_survey_finished",
        },
    ],
});

tours.add("complaint_story_manager", {
    steps: () => [
        {
            trigger: "button[name=action_view_feedback]:contains(9.0)",
        },
        {
            trigger: ".o_notebook_headers a[name=limits]",
            run: "click",
        },
        {
            content: "Every limit was kept or says why not",
            trigger: "div[name=clock_ids] .o_data_row:contains(Answer)",
        },
    ],
});
