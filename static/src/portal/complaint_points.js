/*
 * The rows of the form of a new complaint: one thing complained of each, with its order
 * line. Plain code on the form's elements; nothing here knows of sending or drafts.
 */
export class ComplaintPoints {
    /** @param {HTMLFormElement} form */
    constructor(form) {
        this.form = form;
        this.order = form.querySelector("#complaint_order_id");
        this.adder = form.querySelector(".o_complaint_add_point");
        this.template = form.querySelector(".o_complaint_point_template");
        this.undoer = form.querySelector(".o_complaint_removed");
        this.limit = Number(form.dataset.maxPoints);
        this.groups = [...(this.rows[0]?.querySelectorAll("optgroup") || [])].map((group) =>
            group.cloneNode(true)
        );
        this.removed = null;
        // Enter in a field sends the form; it must not press this button.
        this.adder.type = "button";
        this.update();
    }

    get rows() {
        return [...this.form.querySelectorAll(".o_complaint_point")];
    }

    /** Add a row, the last one. */
    add(values = {}) {
        const last = Math.max(0, ...this.rows.map((row) => Number(row.dataset.n)));
        const holder = document.createElement("div");
        holder.innerHTML = this.template.innerHTML.replaceAll("__n__", last + 1);
        const row = holder.firstElementChild;
        this.adder.before(row);
        this.fill(row, values);
        this.update();
        return row;
    }

    /** Take a row out; it can be brought back until the next change. */
    remove(row) {
        this.removed = { row, before: row.nextElementSibling };
        row.remove();
        this.undoer.classList.remove("d-none");
        this.update();
        this.undoer.querySelector("button").focus();
    }

    undo() {
        const { row, before } = this.removed;
        before.before(row);
        this.forgetRemoved();
        this.update();
        this.focus(row);
    }

    forgetRemoved() {
        this.removed = null;
        this.undoer.classList.add("d-none");
    }

    focus(row) {
        // The list of products is hidden while no order is chosen.
        [...row.querySelectorAll("select, input")].find((one) => one.offsetParent)?.focus();
    }

    // Values -------------------------------------------------------------------------

    field(row, name) {
        return row.querySelector(`[name=${name}_${row.dataset.n}]`);
    }

    read() {
        return this.rows.map((row) => ({
            line: this.field(row, "line")?.value || "",
            category: this.field(row, "category").value,
            summary: this.field(row, "summary").value,
        }));
    }

    write(points) {
        const [first, ...others] = points;
        const [row, ...surplus] = this.rows;
        surplus.forEach((one) => one.remove());
        this.fill(row, first || {});
        this.update();
        others.forEach((point) => this.add(point));
    }

    fill(row, { line = "", category = "", summary = "" }) {
        this.offerLines(row);
        for (const [name, value] of Object.entries({ line, category, summary })) {
            const field = this.field(row, name);
            if (field) {
                field.value = value;
                // A product or a category that is not offered any more.
                if (field.tagName === "SELECT" && field.selectedIndex < 0) {
                    field.value = "";
                }
            }
        }
    }

    // What is shown ------------------------------------------------------------------

    /** Number the rows, and offer in each what fits. */
    update() {
        const rows = this.rows;
        rows.forEach((row, index) => {
            row.querySelectorAll(".o_complaint_point_number").forEach((place) => {
                place.textContent = index + 1;
            });
            row.querySelector(".o_complaint_remove_point").classList.toggle(
                "d-none",
                rows.length === 1
            );
            // A row too many does no harm.
            this.field(row, "summary").required = index === 0;
            this.offerLines(row);
        });
        this.adder.disabled = rows.length >= this.limit;
    }

    /**
     * Leave only the lines of the chosen order. Groups are taken out, because not every
     * browser hides options.
     */
    offerLines(row) {
        const select = this.field(row, "line");
        if (!select) {
            return;
        }
        const chosen = select.value;
        const group = this.groups.find((one) => one.dataset.order === this.order.value);
        select.querySelectorAll("optgroup").forEach((one) => one.remove());
        if (group) {
            select.append(group.cloneNode(true));
        }
        select.value = chosen;
        if (select.selectedIndex < 0) {
            select.value = "";
        }
        row.querySelector(".o_complaint_line").classList.toggle(
            "d-none",
            !group?.children.length
        );
    }

    /** Whether something is chosen in a row without saying what is wrong. */
    isUnfinished(row) {
        const { line, category, summary } = Object.fromEntries(
            ["line", "category", "summary"].map((name) => [
                name,
                this.field(row, name)?.value.trim(),
            ])
        );
        return Boolean((line || category) && !summary);
    }
}
