import { registry } from "@web/core/registry";
import { graphView } from "@web/views/graph/graph_view";

import { ParetoModel } from "./pareto_model";
import { ParetoRenderer } from "./pareto_renderer";

/**
 * A graph view whose bars are a Pareto: the most frequent first, with a line of the
 * share that they make up together. For any model: <graph js_class="complaint_pareto">.
 */
export const paretoView = {
    ...graphView,
    Model: ParetoModel,
    Renderer: ParetoRenderer,
    buttonTemplate: "complaint_management.ParetoView.Buttons",
};

registry.category("views").add("complaint_pareto", paretoView);
