import { cookie } from "@web/core/browser/cookie";
import { getCustomColor } from "@web/core/colors/colors";
import { formatPercentage } from "@web/views/fields/formatters";
import { GraphRenderer } from "@web/views/graph/graph_renderer";

const scheme = cookie.get("color_scheme");
const TEXT_COLOR = getCustomColor(scheme, "#111827", "#E4E4E4");
const LINE_COLOR = getCustomColor(scheme, "#955a00", "#f0b866");

/** The few that make up so much are those to begin with. */
const VITAL_SHARE = 80;

function percent(share) {
    return formatPercentage(share / 100, { digits: [16, 1] });
}

/** A dashed line at the share that the vital few make up. */
const vitalLine = {
    id: "complaintVitalLine",
    beforeDatasetsDraw({ ctx, chartArea, scales }) {
        const y = scales.share.getPixelForValue(VITAL_SHARE);
        ctx.save();
        ctx.strokeStyle = LINE_COLOR;
        ctx.globalAlpha = 0.5;
        ctx.lineWidth = 1;
        ctx.setLineDash([6, 4]);
        ctx.beginPath();
        ctx.moveTo(chartArea.left, y);
        ctx.lineTo(chartArea.right, y);
        ctx.stroke();
        ctx.restore();
    },
};

export class ParetoRenderer extends GraphRenderer {
    /** The dataset of the line; nothing where the chart has none. */
    get shares() {
        return this.model.metaData.mode === "bar" && this.model.lineOverlayDataset;
    }

    /** @override */
    getBarChartData() {
        const data = super.getBarChartData();
        if (this.shares) {
            Object.assign(this.shares, {
                backgroundColor: LINE_COLOR,
                borderColor: LINE_COLOR,
                pointRadius: 4,
                pointHoverRadius: 6,
                clip: false, // the last point lies on the edge
            });
        }
        return data;
    }

    /** @override */
    getChartConfig() {
        const config = super.getChartConfig();
        if (this.shares) {
            config.plugins = [...(config.plugins || []), vitalLine];
        }
        return config;
    }

    /** @override: both axes end at the whole, so the line starts on top of a bar. */
    getScaleOptions() {
        const options = super.getScaleOptions();
        if (this.model.metaData.measure === "__count" && options.y) {
            options.y.ticks.precision = 0;
            options.y.ticks.callback = (value) => this.formatValue(value);
        }
        if (this.shares) {
            options.y.max = this.model.data.datasets
                .flatMap((dataset) => dataset.data)
                .reduce((sum, value) => sum + value, 0);
            options.share = {
                type: "linear",
                position: "right",
                min: 0,
                max: 100,
                ticks: { stepSize: 20, callback: (share) => `${share}%`, color: TEXT_COLOR },
                grid: { drawOnChartArea: false },
                border: { display: false },
            };
        }
        return options;
    }

    /** @override */
    getTooltipItems(data, metaData, tooltipModel) {
        const points = tooltipModel.dataPoints;
        const isShare = (point) => this.shares && !data.datasets[point.datasetIndex];
        const items = super.getTooltipItems(data, metaData, {
            dataPoints: points.filter((point) => !isShare(point)),
        });
        for (const point of points.filter(isShare)) {
            items.push({
                label: `${this.shares.label} · ${this.shares.trueLabels[point.dataIndex]}`,
                value: percent(point.raw),
                boxColor: LINE_COLOR,
            });
        }
        return items;
    }
}
