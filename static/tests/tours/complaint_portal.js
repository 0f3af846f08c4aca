/** @odoo-module **/
/* A customer's whole way on a phone (tests/test_portal_browser.py). */
import { registry } from "@web/core/registry";

function choose(selector, name, content) {
    return {
        trigger: selector,
        run() {
            const transfer = new DataTransfer();
            transfer.items.add(new File([content], name, { type: "text/plain" }));
            this.anchor.files = transfer.files;
            this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
        },
    };
}

registry.category("web_tour.tours").add("complaint_portal_story", {
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
            content: "The help of the form is there",
            trigger: ".o_complaint_keeps:not(.d-none)",
        },
        {
            trigger: "select#complaint_order_id",
            run: "selectByIndex 1",
        },
        {
            trigger: "select#complaint_line_1",
            run: "selectByLabel Kettle · 2 Units",
        },
        {
            trigger: "input#complaint_summary_1",
            run: "edit The kettle leaks",
        },
        {
            trigger: ".o_complaint_add_point",
            run: "click",
        },
        {
            trigger: "select#complaint_line_2",
            run: "selectByLabel Toaster · 1 Units",
        },
        {
            trigger: "input#complaint_summary_2",
            run: "edit The toaster burns the bread",
        },
        {
            trigger: "textarea#complaint_description",
            run: "edit Both since the first day.",
        },
        choose("#complaint_files", "bill.txt", "Bill"),
        {
            trigger: ".o_complaint_chosen:contains(bill.txt)",
        },
        {
            trigger: ".o_complaint_submit",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert-success:contains(We have your complaint)",
        },
        {
            trigger: ".o_complaint_told_points:contains(burns the bread)",
        },
        {
            trigger: "#evidence:contains(bill.txt) summary",
            run: "click",
        },
        choose("#evidence #complaint_files", "crack.txt", "A crack"),
        {
            trigger: "input#complaint_shows",
            run: "edit The crack in the lid",
        },
        {
            trigger: "#evidence .o_complaint_submit",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "#evidence:contains(The crack in the lid):contains(crack.txt)",
        },
        {
            trigger: "#options summary",
            run: "click",
        },
        {
            trigger: "#complaint_withdraw_reason",
            run: "edit It was the plug.",
        },
        {
            trigger: "#complaint_withdraw_confirm",
            run: "click",
        },
        {
            trigger: ".o_complaint_withdraw_form button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert-success:contains(You took the complaint back)",
        },
    ],
});
