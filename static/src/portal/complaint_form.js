import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";

const MEGABYTE = 1024 * 1024;

/**
 * Help with the form of a new complaint. All of it works without: the products are
 * grouped by order, and the server checks everything again.
 */
export class ComplaintForm extends Interaction {
    static selector = ".o_complaint_form";
    dynamicContent = {
        "#complaint_order_id": { "t-on-change": this.chooseOrder },
        "#complaint_files": { "t-on-change": this.showFiles },
        ".o_complaint_product": {
            "t-att-class": () => ({ "d-none": this.groups.length > 0 && !this.hasProducts }),
        },
        _root: { "t-on-submit": this.onSubmit },
        _window: { "t-on-pageshow": this.onPageShow },
    };

    setup() {
        this.orders = this.el.querySelector("#complaint_order_id");
        this.products = this.el.querySelector("#complaint_product_id");
        this.files = this.el.querySelector("#complaint_files");
        this.button = this.el.querySelector(".o_complaint_submit");
        this.groups = [...this.el.querySelectorAll("#complaint_product_id optgroup")];
        this.hasProducts = false;
        this.chooseOrder();
    }

    start() {
        // Whoever cannot see it must hear first that something is missing.
        this.el.parentElement.querySelector("#complaint_errors")?.focus();
    }

    destroy() {
        this.groups.forEach((group) => this.products.append(group));
    }

    /**
     * Leave only the products of the chosen order. Groups are taken out, because not
     * every browser hides options.
     */
    chooseOrder() {
        if (!this.orders) {
            return;
        }
        const chosen = this.orders.value;
        const product = this.products.selectedOptions[0];
        for (const group of this.groups) {
            if (group.dataset.order === chosen) {
                this.products.append(group);
            } else {
                group.remove();
            }
        }
        // The browser may have chosen something else when the option went away.
        if (!product?.isConnected) {
            this.products.value = "";
        }
        this.hasProducts = this.groups.some((group) => group.isConnected && group.children.length);
    }

    /** List the chosen files, and say at once which are too large. */
    showFiles() {
        const limit = Number(this.el.dataset.maxMegabytes);
        const count = Number(this.el.dataset.maxFiles);
        const chosen = [...this.files.files];
        const large = chosen.filter((file) => file.size > limit * MEGABYTE);
        let problem = "";
        if (chosen.length > count) {
            problem = _t("Please attach %s files at most.", count);
        } else if (large.length) {
            problem = _t("“%(name)s” is larger than %(size)s MB.", {
                name: large[0].name,
                size: limit,
            });
        }
        // The browser shows it and does not send the form.
        this.files.setCustomValidity(problem);
        this.files.classList.toggle("is-invalid", Boolean(problem));
        const list = this.el.querySelector(".o_complaint_chosen");
        list.replaceChildren(
            ...chosen.map((file) => {
                const item = document.createElement("li");
                const size = Math.max(file.size / MEGABYTE, 0.1).toFixed(1);
                item.textContent = `${file.name} (${size} MB)`;
                item.classList.toggle("o_complaint_refused", large.includes(file));
                return item;
            })
        );
        if (problem) {
            this.files.reportValidity();
        }
    }

    onSubmit() {
        this.button.disabled = true;
        this.button.setAttribute("aria-busy", "true");
        this.button.dataset.label ||= this.button.textContent.trim();
        this.button.textContent = _t("Sending …");
    }

    /** Back from the next page: the browser may show this one as it was left. */
    onPageShow() {
        if (this.button.disabled) {
            this.button.disabled = false;
            this.button.removeAttribute("aria-busy");
            this.button.textContent = this.button.dataset.label;
        }
        this.chooseOrder();
    }
}

registry.category("public.interactions").add("complaint_management.form", ComplaintForm);
