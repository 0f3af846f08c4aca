import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

const MEGABYTE = 1024 * 1024;
/** Below this much, sending is over before a bar would say anything. */
const WORTH_A_BAR = MEGABYTE / 4;

/**
 * A form with files: says at once which cannot be taken, and is sent once. All of it works
 * without; the server checks everything again.
 */
export class ComplaintUpload extends Interaction {
    static selector = ".o_complaint_form:not(.o_complaint_sends)";
    dynamicContent = {
        _root: { "t-on-submit": this.onSubmit },
        "#complaint_files": { "t-on-change": this.showFiles },
        _window: { "t-on-pageshow": () => this.rest(false) },
    };

    setup() {
        this.files = this.el.querySelector("#complaint_files");
        this.button = this.el.querySelector(".o_complaint_submit");
    }

    start() {
        // Whoever cannot see it must hear first that something is missing.
        this.el.parentElement.querySelector("#complaint_errors:not(.d-none)")?.focus();
    }

    // Files ------------------------------------------------------------------------

    /** List the chosen files, and say at once which are too large. */
    showFiles() {
        const limit = Number(this.el.dataset.maxMegabytes);
        const chosen = [...this.files.files];
        const isLarge = (file) => file.size > limit * MEGABYTE;
        this.files.setCustomValidity(this.fileProblem(chosen, isLarge));
        const list = this.el.querySelector(".o_complaint_chosen");
        list.replaceChildren(
            ...chosen.map((file) => {
                const item = document.createElement("li");
                const size = Math.max(file.size / MEGABYTE, 0.1).toFixed(1);
                item.textContent = `${file.name} (${size} MB)`;
                item.classList.toggle("o_complaint_refused", isLarge(file));
                return item;
            })
        );
        this.markField(this.files, this.files.validity.customError && this.files.validationMessage);
    }

    fileProblem(chosen, isLarge) {
        const count = Number(this.el.dataset.maxFiles);
        if (chosen.length > count) {
            return _t("Please attach %s files at most.", count).toString();
        }
        const large = chosen.find(isLarge);
        if (large) {
            return _t("“%(name)s” is larger than %(size)s MB.", {
                name: large.name,
                size: this.el.dataset.maxMegabytes,
            }).toString();
        }
        return "";
    }

    /** Tie a mistake to its field, or take it away again. */
    markField(field, text) {
        const id = `${field.id}_error`;
        const others = (field.getAttribute("aria-describedby") || "")
            .split(" ")
            .filter((name) => name && name !== id);
        document.getElementById(id)?.remove();
        field.classList.toggle("is-invalid", Boolean(text));
        if (text) {
            const error = document.createElement("div");
            error.id = id;
            error.className = "invalid-feedback";
            error.textContent = text;
            field.after(error);
            field.setAttribute("aria-invalid", "true");
            others.push(id);
        } else {
            field.removeAttribute("aria-invalid");
        }
        if (others.length) {
            field.setAttribute("aria-describedby", others.join(" "));
        } else {
            field.removeAttribute("aria-describedby");
        }
    }

    // Sending ------------------------------------------------------------------------

    onSubmit() {
        this.rest(true);
    }

    rest(busy) {
        this.button.dataset.label ||= this.button.textContent.trim();
        this.button.disabled = busy;
        this.button.setAttribute("aria-busy", String(busy));
        this.button.textContent = busy ? _t("Sending …") : this.button.dataset.label;
    }
}

/**
 * A form with files that is sent without leaving the page: a connection that breaks
 * loses neither text nor files, and mistakes are shown beside their fields. Without
 * JavaScript the browser sends the form, and the server answers with pages.
 */
export class ComplaintSending extends ComplaintUpload {
    static selector = ".o_complaint_evidence_form";
    dynamicContent = {
        ...this.dynamicContent,
        _root: { ...this.dynamicContent._root, "t-on-input": this.onInput },
        ".o_complaint_stop": { "t-on-click": this.stop },
        _window: { ...this.dynamicContent._window, "t-on-beforeunload": this.onLeave },
    };

    setup() {
        super.setup();
        this.summary = this.el.querySelector(".o_complaint_errors");
        this.trouble = this.el.querySelector(".o_complaint_trouble");
        this.progress = this.el.querySelector(".o_complaint_progress");
        this.request = null;
        // Mistakes are told by the page, all at once and in its language.
        this.el.noValidate = true;
    }

    destroy() {
        this.request?.abort();
        this.el.noValidate = false;
    }

    // Mistakes -----------------------------------------------------------------------

    /** @returns {Object} what is wrong, by name of the field */
    findMistakes() {
        const mistakes = {};
        for (const field of this.el.querySelectorAll("input, select, textarea")) {
            if (this.isMissing(field)) {
                mistakes[field.name] = field.dataset.missing;
            } else if (field.validity.customError || field.validity.badInput) {
                mistakes[field.name] = field.validationMessage;
            }
        }
        return mistakes;
    }

    isMissing(field) {
        return field.required && field.dataset.missing && !field.value.trim();
    }

    /** Show mistakes above the form, with links to their fields, and beside these. */
    showMistakes(mistakes) {
        this.clearMistakes();
        const items = Object.entries(mistakes).map(([name, text]) => {
            const item = document.createElement("li");
            const field = this.el.querySelector(`#complaint_${CSS.escape(name)}`);
            if (field) {
                this.markField(field, text);
                const link = document.createElement("a");
                link.className = "alert-link";
                link.href = `#${field.id}`;
                link.addEventListener("click", (ev) => {
                    ev.preventDefault();
                    field.focus();
                    field.scrollIntoView({ block: "center" });
                });
                link.textContent = text;
                item.append(link);
            } else {
                item.textContent = text;
            }
            return item;
        });
        this.summary.querySelector("ul").replaceChildren(...items);
        this.summary.classList.remove("d-none");
        this.summary.focus();
        this.summary.scrollIntoView({ block: "center" });
    }

    clearMistakes() {
        this.summary.classList.add("d-none");
        this.trouble.classList.add("d-none");
        for (const field of this.el.querySelectorAll(".is-invalid")) {
            this.markField(field, "");
        }
    }

    onInput(ev) {
        if (ev.target !== this.files && ev.target.classList.contains("is-invalid")) {
            this.markField(ev.target, "");
        }
    }

    // Sending ------------------------------------------------------------------------

    onSubmit(ev) {
        ev.preventDefault();
        if (this.request) {
            return;
        }
        const mistakes = this.findMistakes();
        if (Object.keys(mistakes).length) {
            this.showMistakes(mistakes);
        } else {
            this.clearMistakes();
            this.send();
        }
    }

    send() {
        const request = new XMLHttpRequest();
        request.open("POST", this.el.getAttribute("action"));
        request.setRequestHeader("Accept", "application/json");
        request.upload.addEventListener("progress", (ev) => this.onProgress(ev));
        request.addEventListener("load", () => this.onAnswer(request));
        request.addEventListener("error", () => this.fail("connection"));
        request.addEventListener("abort", () => this.fail("stopped"));
        this.request = request;
        this.told = 0;
        this.rest(true);
        this.say(_t("Sending …"));
        request.send(new FormData(this.el));
    }

    stop() {
        this.request?.abort();
    }

    /** @param {ProgressEvent} ev how much of the form is on its way */
    onProgress({ loaded, total }) {
        if (total < WORTH_A_BAR) {
            return;
        }
        const share = Math.floor((loaded / total) * 100);
        this.progress.classList.remove("d-none");
        this.progress.querySelector("progress").value = share;
        const text =
            share < 100
                ? _t("%(share)s of %(size)s MB sent", {
                      share: `${share} %`,
                      size: (total / MEGABYTE).toFixed(1),
                  })
                : _t("Everything is sent, we are putting it on record …");
        this.progress.querySelector(".o_complaint_progress_text").textContent = text;
        // Read out a few times, not for each packet.
        if (share - this.told >= 25) {
            this.told = share;
            this.say(text);
        }
    }

    onAnswer(request) {
        let answer = null;
        try {
            answer = JSON.parse(request.responseText);
        } catch {
            // A page: not what was asked for.
        }
        if (request.status === 200 && answer?.url) {
            this.onSent();
            window.location.assign(answer.url);
        } else if (answer?.errors) {
            this.end();
            this.showMistakes(answer.errors);
        } else if (request.responseURL.includes("/web/login")) {
            this.fail("login");
        } else {
            this.fail({ 400: "expired", 404: "gone", 413: "large" }[request.status] || "server");
        }
    }

    /** It arrived; the next page is being loaded, and the button keeps resting. */
    onSent() {
        this.request = null;
        this.say(_t("Sent."));
    }

    end() {
        this.request = null;
        this.progress.classList.add("d-none");
        this.rest(false);
    }

    /** Say calmly what went wrong, and what to do. Nothing that was typed is lost. */
    fail(kind) {
        this.end();
        const text = document.createElement("p");
        text.className = "mb-2";
        text.textContent = this.troubles()[kind];
        this.trouble.replaceChildren(text, this.wayOut(kind));
        this.trouble.classList.remove("d-none");
        this.trouble.focus();
    }

    troubles() {
        return {
            connection: _t(
                "The connection broke, and we do not know whether it reached us. What you typed and the files you chose are still here. Please try again: it is not counted twice."
            ),
            stopped: _t(
                "Sending was stopped. What you typed and the files you chose are still here."
            ),
            login: _t("You were logged out in the meantime. Please log in again."),
            expired: _t("This page was open for too long. Please load it again."),
            gone: _t("This page is not there any more. Please load it again."),
            large: _t("This is too much at once. Please send fewer files, and the others later."),
            server: _t(
                "Something went wrong on our side. What you typed and the files you chose are still here. Please try again in a few minutes."
            ),
        };
    }

    /** @returns {HTMLElement} what leads on from a failure */
    wayOut(kind) {
        const isAgain = !["login", "expired", "gone"].includes(kind);
        const way = document.createElement(isAgain ? "button" : "a");
        way.className = "btn btn-primary";
        if (isAgain) {
            way.type = "submit";
            way.textContent = _t("Try again");
        } else {
            const here = window.location.pathname + window.location.search;
            way.href =
                kind === "login" ? `/web/login?redirect=${encodeURIComponent(here)}` : here;
            way.textContent = kind === "login" ? _t("Log in") : _t("Load the page again");
        }
        return way;
    }

    // Helpers ------------------------------------------------------------------------

    /** Tell it to whoever hears the page. */
    say(text) {
        this.el.querySelector(".o_complaint_said").textContent = text;
    }

    rest(busy) {
        super.rest(busy || Boolean(this.request));
    }

    onLeave(ev) {
        if (this.request) {
            ev.preventDefault();
        }
    }
}

const interactions = registry.category("public.interactions");
interactions.add("complaint_management.upload", ComplaintUpload);
interactions.add("complaint_management.sending", ComplaintSending);
