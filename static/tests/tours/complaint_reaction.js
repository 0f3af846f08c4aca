/** @odoo-module **/
/* A customer's mail is recorded as an objection (tests/test_reaction_tour.py). */
import { registry } from "@web/core/registry";

const ASKED = ".o-mail-Message:contains(Which one)";
// The newest one; the words of mails are in a shadow tree.
const MAIL = ".o-mail-Message:first";

registry.category("web_tour.tours").add("complaint_reaction", {
    steps: () => [
        {
            content: "What staff wrote is no reaction",
            trigger: ASKED,
            run: `hover && click ${ASKED} [title=Expand]`,
        },
        {
            trigger:
                ".o-mail-Message-moreMenu:contains(Register as Evidence):not(:contains(Record as Reaction))",
            run: "press Escape",
        },
        {
            trigger: "body:not(:has(.o-mail-Message-moreMenu))",
        },
        {
            trigger: MAIL,
            run: `hover && click ${MAIL} [title=Expand]`,
        },
        {
            trigger: ".o-mail-Message-moreMenu .o-dropdown-item:contains(Record as Reaction)",
            run: "click",
        },
        {
            content: "It says until when a review can be asked for",
            trigger: ".modal .alert-info:contains(A review can be asked for until)",
        },
        {
            trigger: ".modal .o_field_widget[name=reaction] input",
            run: "click",
        },
        {
            content: "What the customer can do on the page of the complaint",
            trigger: ".o_select_menu_item:contains(Does not accept the answer)",
            run: "click",
        },
        {
            content: "The customer's words are there, as far as they are the customer's",
            trigger: ".modal .o_field_widget[name=words] textarea:value(Nobody looked)",
        },
        {
            trigger: ".modal-footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The form shows where the complaint is now",
            trigger: "body:not(:has(.modal)) .o_form_view button[name=action_resolve]",
        },
        {
            trigger: ".o-mail-Message a.o_message_redirect:contains(Message of)",
        },
    ],
});
