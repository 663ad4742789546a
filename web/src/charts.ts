// Draws the charts of a page. Each takes its figures from the JSON beside it and its
// colours from the theme; the table with the same figures stays below it, folded.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, SVGRenderer]);

interface Series {
  name: string;
  kind: "" | "line" | "donut";
  right: boolean;
  values: (number | null)[];
}

interface Chart {
  title: string;
  axis: string;
  kind: "" | "line" | "donut";
  unit: string;
  right_unit: string;
  stacked: boolean;
  categories: string[];
  series: Series[];
}

const drawn = new Map<HTMLElement, EChartsType>();
const grouped = new Intl.NumberFormat("zh-CN");

function theme(element: HTMLElement) {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    palette: [1, 2, 3, 4, 5, 6].map((n) => token(`--chart-${n}`)),
    text: style.color,
    line: token("--tblr-border-color"),
    surface: token("--tblr-bg-surface"),
    font: style.fontFamily,
    size: parseFloat(style.fontSize) * 0.9,
  };
}

type Theme = ReturnType<typeof theme>;

function base(look: Theme): EChartsCoreOption {
  const text = { color: look.text, fontFamily: look.font, fontSize: look.size };
  return {
    animation: false,
    color: look.palette,
    textStyle: text,
    aria: { enabled: true },
    tooltip: {
      renderMode: "richText", // a tooltip of HTML would need inline styles
      backgroundColor: look.surface,
      borderColor: look.line,
      textStyle: text,
      valueFormatter: (value: unknown) => (typeof value === "number" ? grouped.format(value) : "—"),
    },
    legend: { bottom: 0, textStyle: text, itemGap: 16, type: "plain" },
  };
}

// many is from how many categories on they are a course of time, of which some names
// are enough.
const many = 24;

// names is how the categories stand below the axis: all of them, in several lines where
// there is little room. About five digits of the other axis stand beside.
const names = (chart: Chart, look: Theme, width: number) => ({
  interval: chart.categories.length > many ? ("auto" as const) : 0,
  overflow: "break",
  width: Math.max((width - 16 - 5 * look.size) / (chart.categories.length > many ? many / 3 : Math.max(chart.categories.length, 1)) - 4, 2 * look.size),
});

function axes(chart: Chart, look: Theme, width: number): EChartsCoreOption {
  const label = { color: look.text, fontSize: look.size, fontFamily: look.font };
  const axis = (unit: string, grid: boolean) => ({
    type: "value",
    name: unit,
    nameTextStyle: label,
    axisLabel: { ...label, formatter: (value: number) => grouped.format(value) },
    splitLine: { show: grid, lineStyle: { color: look.line } },
  });
  const right = chart.series.some((s) => s.right);
  return {
    grid: { left: 8, right: 8, top: 40, bottom: 40, containLabel: true },
    xAxis: { type: "category", data: chart.categories, axisLabel: { ...label, ...names(chart, look, width) }, axisLine: { lineStyle: { color: look.line } }, axisTick: { show: false } },
    yAxis: right ? [axis(chart.unit, true), axis(chart.right_unit, false)] : axis(chart.unit, true),
    series: chart.series.map((s) => ({
      name: s.name,
      type: (s.kind || chart.kind) === "line" ? "line" : "bar",
      yAxisIndex: s.right ? 1 : 0,
      stack: chart.stacked && !s.right ? "all" : undefined,
      data: s.values,
      barMaxWidth: 28,
      symbolSize: 8,
      showSymbol: chart.categories.length <= many,
      lineStyle: { width: 2.5 },
    })),
  };
}

// rows is the room that the legend of a donut takes: a line for each part.
const rows = (chart: Chart, look: Theme) => chart.categories.length * (look.size + 12);

function donut(chart: Chart, look: Theme, height: number): EChartsCoreOption {
  const values = chart.series[0]?.values ?? [];
  const sum = values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const share = (i: number) => (sum > 0 ? `${(((values[i] ?? 0) / sum) * 100).toFixed(1)}%` : "—");
  const radius = (height - rows(chart, look) - 24) / 2;
  return {
    legend: {
      ...(base(look).legend as object),
      itemGap: 12,
      // The legend carries the figures: labels around a small ring would be cut off.
      formatter: (name: string) => {
        const i = chart.categories.indexOf(name);
        const value = values[i];
        return `${name}  ${typeof value === "number" ? grouped.format(value) : "—"}（${share(i)}）`;
      },
      orient: "vertical",
      left: "center",
    },
    series: [
      {
        type: "pie",
        radius: [radius * 0.62, radius],
        center: ["50%", radius + 8],
        label: { show: false },
        itemStyle: { borderColor: look.surface, borderWidth: 2 },
        data: chart.categories.map((name, i) => ({ name, value: values[i] })),
      },
    ],
  };
}

function draw(area: HTMLElement): void {
  const source = document.getElementById(area.dataset.chart ?? "");
  if (!source?.textContent) return;
  const chart = JSON.parse(source.textContent) as Chart;
  const look = theme(area);
  drawn.get(area)?.dispose();
  area.classList.add("drawn");
  const ring = chart.kind === "donut";
  const height = ring ? 200 + rows(chart, look) : area.clientHeight;
  const view = init(area, null, { renderer: "svg", height });
  view.setOption({ ...base(look), ...(ring ? donut(chart, look, height) : axes(chart, look, area.clientWidth)) });
  if (!drawn.has(area)) area.parentElement?.querySelector("details")?.removeAttribute("open");
  drawn.set(area, view);
}

function drawAll(): void {
  for (const [area, view] of drawn) {
    if (area.isConnected) continue;
    view.dispose();
    drawn.delete(area);
  }
  document.querySelectorAll<HTMLElement>("[data-chart]").forEach((area) => {
    if (!drawn.has(area)) draw(area);
  });
}

drawAll();
document.addEventListener("yian:charts", drawAll);
window.addEventListener("resize", () => [...drawn.keys()].forEach(draw));
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => [...drawn.keys()].forEach(draw));
window.addEventListener("beforeprint", () => document.querySelectorAll<HTMLDetailsElement>(".chart-table").forEach((table) => (table.open = true)));
