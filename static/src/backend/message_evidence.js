import { registerMessageAction } from "@mail/core/common/message_actions";
import { _t } from "@web/core/l10n/translation";

/** One click from a message of a complaint to evidence: its files, or its words. */
registerMessageAction("complaint-evidence", {
    condition: ({ message, thread, store }) =>
        thread?.model === "complaint.case" &&
        message.persistent !== false &&
        store.self.main_user_id?.share === false,
    icon: "fa fa-archive",
    name: _t("Register as Evidence"),
    onSelected: async ({ message, owner, thread }) => {
        const { action, orm } = owner.env.services;
        const dialog = await orm.call("complaint.case", "action_register_evidence", [
            [thread.id],
        ]);
        dialog.context.default_message_id = message.id;
        await action.doAction(dialog);
    },
    sequence: 60,
});
