import { Message } from "@mail/core/common/message_model";
import { patch } from "@web/core/utils/patch";

/** What was said in a complaint stays on record; the server refuses it, too. */
patch(Message.prototype, {
    get editable() {
        return this.thread?.model !== "complaint.case" && super.editable;
    },
});
