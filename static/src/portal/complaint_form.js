import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

import { findDraft, forgetDraft, forgetOtherDrafts, keepDraft } from "./complaint_draft";
import { ComplaintPoints } from "./complaint_points";
import { ComplaintSending } from "./complaint_sending";

const { DateTime } = luxon;
const TEXTS = ["description", "demand", "date_occurred"];

/** The form of a new complaint: rows of problems, and a draft until it is sent. */
export class ComplaintForm extends ComplaintSending {
    static selector = ".o_complaint_form.o_complaint_sends";
    dynamicContent = {
        ...this.dynamicContent,
        _root: { ...this.dynamicContent._root, "t-on-change": () => this.keepSoon() },
        "#complaint_order_id": { "t-on-change": () => this.points.update() },
        ".o_complaint_add_point": { "t-on-click.prevent": this.addPoint },
        ".o_complaint_points": { "t-on-click": this.onPointsClick },
        ".o_complaint_draft_restore": { "t-on-click": this.restoreOffered },
        ".o_complaint_draft_discard": { "t-on-click": this.discard },
        _window: { ...this.dynamicContent._window, "t-on-pagehide": this.keep },
        _document: { "t-on-visibilitychange": this.keep },
    };

    setup() {
        super.setup();
        this.user = this.el.dataset.user;
        this.notice = this.el.querySelector(".o_complaint_draft");
        this.points = new ComplaintPoints(this.el);
        this.keepSoon = this.debounced(this.keep, 400);
        this.isSent = false;
        this.blank = JSON.stringify(this.read());
    }

    start() {
        super.start();
        forgetOtherDrafts(this.user);
        this.offered = findDraft(this.user);
        // Typed already: the server shows what it did not take, or the browser went back.
        if (this.offered && !this.isTyped(this.read())) {
            const order = this.el.elements.order_id?.value;
            if (order && order !== this.offered.order) {
                // Came from the page of another order: that is what they want now.
                this.tellOffer();
            } else {
                this.restore(this.offered);
            }
        }
        this.el.querySelector(".o_complaint_keeps").classList.remove("d-none");
    }

    // Rows ---------------------------------------------------------------------------

    addPoint() {
        this.points.forgetRemoved();
        const row = this.points.add();
        this.points.focus(row);
        this.keepSoon();
    }

    onPointsClick(ev) {
        const remover = ev.target.closest(".o_complaint_remove_point");
        if (remover) {
            this.points.remove(remover.closest(".o_complaint_point"));
            this.keepSoon();
        } else if (ev.target.closest(".o_complaint_undo")) {
            this.points.undo();
            this.keepSoon();
        }
    }

    isMissing(field) {
        const row = field.closest(".o_complaint_point");
        return (
            super.isMissing(field) ||
            (row && field === this.points.field(row, "summary") && this.points.isUnfinished(row))
        );
    }

    onInput(ev) {
        super.onInput(ev);
        this.keepSoon();
    }

    // Draft ------------------------------------------------------------------------------

    read() {
        const fields = this.el.elements;
        return {
            key: fields.request_key.value,
            order: fields.order_id?.value || "",
            points: this.points.read(),
            ...Object.fromEntries(TEXTS.map((name) => [name, fields[name].value])),
            files: [...this.files.files].map((file) => file.name),
        };
    }

    isTyped({ points, description, demand, date_occurred }) {
        return Boolean(
            description.trim() ||
                demand.trim() ||
                date_occurred ||
                points.length > 1 ||
                points.some((point) => point.summary.trim() || point.category || point.line)
        );
    }

    keep() {
        const draft = this.read();
        // A draft that is only offered stays until something else is typed.
        if (this.isSent || JSON.stringify(draft) === this.blank) {
            return;
        }
        if (this.isTyped(draft)) {
            keepDraft(this.user, draft);
        } else if (!this.offered) {
            forgetDraft(this.user);
        }
    }

    restore(draft) {
        const fields = this.el.elements;
        // The same key: should it have arrived after all, it is not counted twice.
        fields.request_key.value = draft.key;
        if (fields.order_id) {
            fields.order_id.value = draft.order;
            if (fields.order_id.selectedIndex < 0) {
                fields.order_id.value = "";
            }
        }
        for (const name of TEXTS) {
            fields[name].value = draft[name];
        }
        this.points.write(draft.points);
        this.offered = null;
        this.tellRestored(draft);
    }

    restoreOffered() {
        this.restore(this.offered);
        this.notice.focus();
    }

    tellRestored(draft) {
        const when = DateTime.fromMillis(draft.at).toLocaleString(DateTime.DATETIME_MED);
        const words = [_t("Here is what you typed on %s. It is not sent yet.", when)];
        if (draft.files.length) {
            words.push(_t("Please choose your files again: %s.", draft.files.join(", ")));
        }
        this.tell(words.join(" "), false);
    }

    tellOffer() {
        const when = DateTime.fromMillis(this.offered.at).toLocaleString(DateTime.DATETIME_MED);
        this.tell(_t("There is a complaint from %s that you did not send.", when), true);
    }

    tell(text, isOffer) {
        this.notice.querySelector(".o_complaint_draft_text").textContent = text;
        this.notice
            .querySelector(".o_complaint_draft_restore")
            .classList.toggle("d-none", !isOffer);
        this.notice.classList.remove("d-none");
    }

    discard() {
        forgetDraft(this.user);
        this.notice.classList.add("d-none");
        if (this.offered) {
            this.offered = null;
        } else {
            this.isSent = true;
            window.location.assign(this.el.getAttribute("action"));
        }
    }

    // Sending ----------------------------------------------------------------------------

    send() {
        this.keep();
        super.send();
    }

    onSent() {
        this.isSent = true;
        forgetDraft(this.user);
        super.onSent();
    }

    troubles() {
        const again = _t("What you typed is kept in this browser; please choose your files again.");
        const troubles = super.troubles();
        for (const kind of ["login", "expired"]) {
            troubles[kind] = `${troubles[kind]} ${again}`;
        }
        return troubles;
    }
}

registry.category("public.interactions").add("complaint_management.form", ComplaintForm);
