import { registerMessageAction } from "@mail/core/common/message_actions";
import { _t } from "@web/core/l10n/translation";

/** What a customer's message says of the answer, recorded as of the day it was written. */
registerMessageAction("complaint-reaction", {
    condition: ({ message, thread, store }) =>
        thread?.model === "complaint.case" &&
        message.persistent !== false &&
        ["comment", "email"].includes(message.message_type) &&
        message.author_id?.main_user_id?.share !== false &&
        store.self.main_user_id?.share === false,
    icon: "fa fa-gavel",
    name: _t("Record as Reaction"),
    onSelected: async ({ message, owner, thread }) => {
        const { action, orm } = owner.env.services;
        const dialog = await orm.call("complaint.case", "action_record_reaction", [
            [thread.id],
            message.id,
        ]);
        await action.doAction(dialog, {
            // The complaint behind the dialogue has moved.
            onClose: (infos) =>
                infos?.recorded &&
                action.doAction({ type: "ir.actions.client", tag: "soft_reload" }),
        });
    },
    sequence: 61,
});
