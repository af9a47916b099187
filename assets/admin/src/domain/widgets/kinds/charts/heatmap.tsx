import { HeatmapChart } from "echarts/charts";
import { GridComponent, VisualMapContinuousComponent } from "echarts/components";
import { use as register } from "echarts/core";
import type { WidgetProps } from "../config";
import { DrawnChart } from "./drawn-chart";
import { heatmapDrawing } from "./options/heatmap";

register([HeatmapChart, GridComponent, VisualMapContinuousComponent]);

export const HeatmapWidget = (props: WidgetProps) => <DrawnChart {...props} draw={heatmapDrawing} />;
