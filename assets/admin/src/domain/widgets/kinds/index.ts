import {
  IconBraces,
  IconCalendar,
  IconCalendarStats,
  IconChartArcs,
  IconChartArea,
  IconChartBar,
  IconChartBubble,
  IconChartFunnel,
  IconChartGridDots,
  IconChartLine,
  IconChartPie,
  IconCode,
  IconCursorText,
  IconForms,
  IconHandClick,
  IconList,
  IconListDetails,
  IconMarkdown,
  IconNumber,
  IconNumbers,
  IconPhoto,
  IconPlayerPlay,
  IconSelector,
  IconTable,
  IconTableOptions,
  IconTimeline,
  IconWorld,
  type Icon,
} from "@tabler/icons-react";
import { lazy, type ComponentType } from "react";
import type { JsonObject, WidgetKind } from "@/lib/api/model";
import type { WidgetProps } from "./config";

export interface WidgetKindInfo {
  icon: Icon;
  Component: ComponentType<WidgetProps>;
  /** Whether it shows a query's data. */
  data: "needed" | "optional" | "none";
  /** Columns × rows on a dashboard's grid when it is added. */
  size: { w: number; h: number };
  /** Extends to the edges of its frame. */
  flush?: boolean;
  /** Has no frame. */
  bare?: boolean | ((config: JsonObject, title: string) => boolean);
  /** Has content without rows. */
  drawsEmpty?: boolean;
  /** The settings that name the variables it sets. */
  inputFor?: readonly string[];
}

type Loader = () => Promise<ComponentType<WidgetProps>>;

const kind = (
  icon: Icon,
  data: WidgetKindInfo["data"],
  [w, h]: [number, number],
  load: Loader,
  rest: Partial<WidgetKindInfo> = {},
): WidgetKindInfo => ({
  icon,
  data,
  size: { w, h },
  Component: lazy(async () => ({ default: await load() })),
  ...rest,
});

/** How each type of widget is rendered. Its name and settings come from the server. */
export const widgetKinds: Record<WidgetKind, WidgetKindInfo> = {
  table: kind(IconTable, "needed", [6, 6], async () => (await import("./data/table/table")).TableWidget, {
    flush: true,
  }),
  grid: kind(IconTableOptions, "needed", [12, 8], async () => (await import("./data/grid/grid")).GridWidget, {
    flush: true,
    drawsEmpty: true,
  }),
  number: kind(IconNumber, "needed", [3, 2], async () => (await import("./data/number")).NumberWidget),
  list: kind(IconList, "needed", [4, 5], async () => (await import("./data/list")).ListWidget, {
    flush: true,
  }),
  keyValue: kind(
    IconListDetails,
    "needed",
    [4, 5],
    async () => (await import("./data/key-value")).KeyValueWidget,
    { flush: true },
  ),
  timeline: kind(
    IconTimeline,
    "needed",
    [4, 6],
    async () => (await import("./data/timeline")).TimelineWidget,
    { flush: true },
  ),
  json: kind(IconBraces, "needed", [4, 5], async () => (await import("./data/json")).JsonWidget, {
    drawsEmpty: true,
  }),
  bar: kind(IconChartBar, "needed", [6, 5], async () => (await import("./charts/bar")).BarWidget),
  line: kind(IconChartLine, "needed", [6, 5], async () => (await import("./charts/line")).LineWidget),
  area: kind(IconChartArea, "needed", [6, 5], async () => (await import("./charts/area")).AreaWidget),
  pie: kind(IconChartPie, "needed", [4, 5], async () => (await import("./charts/pie")).PieWidget),
  scatter: kind(
    IconChartBubble,
    "needed",
    [6, 5],
    async () => (await import("./charts/scatter")).ScatterWidget,
  ),
  heatmap: kind(
    IconChartGridDots,
    "needed",
    [6, 5],
    async () => (await import("./charts/heatmap")).HeatmapWidget,
  ),
  gauge: kind(IconChartArcs, "needed", [3, 3], async () => (await import("./charts/gauge")).GaugeWidget),
  funnel: kind(IconChartFunnel, "needed", [5, 4], async () => (await import("./charts/funnel")).FunnelWidget),
  map: kind(IconWorld, "needed", [6, 6], async () => (await import("./charts/map")).MapWidget),
  text: kind(IconMarkdown, "optional", [6, 2], async () => (await import("./content/text")).TextWidget, {
    bare: true,
  }),
  html: kind(IconCode, "optional", [4, 4], async () => (await import("./content/html")).HtmlWidget),
  image: kind(IconPhoto, "optional", [4, 4], async () => (await import("./content/image")).ImageWidget, {
    bare: true,
  }),
  button: kind(IconHandClick, "none", [3, 2], async () => (await import("./actions/button")).ButtonWidget, {
    // its label is its title
    bare: ({ label }, title) => !label || label === title,
  }),
  form: kind(IconForms, "optional", [4, 6], async () => (await import("./actions/form/form")).FormWidget),
  workflowRuns: kind(
    IconPlayerPlay,
    "none",
    [4, 5],
    async () => (await import("./actions/workflow-runs")).WorkflowRunsWidget,
    { flush: true },
  ),
  textInput: kind(
    IconCursorText,
    "none",
    [3, 2],
    async () => (await import("./inputs/text-input")).TextInputWidget,
    { inputFor: ["variable"] },
  ),
  numberInput: kind(
    IconNumbers,
    "none",
    [3, 2],
    async () => (await import("./inputs/number-input")).NumberInputWidget,
    { inputFor: ["variable"] },
  ),
  selectInput: kind(
    IconSelector,
    "optional",
    [3, 2],
    async () => (await import("./inputs/select-input")).SelectInputWidget,
    { inputFor: ["variable"] },
  ),
  dateInput: kind(
    IconCalendar,
    "none",
    [3, 2],
    async () => (await import("./inputs/date-input")).DateInputWidget,
    { inputFor: ["variable"] },
  ),
  dateRange: kind(
    IconCalendarStats,
    "none",
    [4, 2],
    async () => (await import("./inputs/date-range")).DateRangeWidget,
    { inputFor: ["from", "to"] },
  ),
};

/** Undefined for a type that only a newer server has. */
export const widgetKind = (type: string): WidgetKindInfo | undefined =>
  (widgetKinds as Partial<Record<string, WidgetKindInfo>>)[type];
