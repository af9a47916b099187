import { BarChart, LineChart } from "echarts/charts";
import {
  GridComponent,
  LegendScrollComponent,
  MarkAreaComponent,
  MarkLineComponent,
} from "echarts/components";
import { use as register } from "echarts/core";
import type { WidgetProps } from "../config";
import { DrawnChart } from "./drawn-chart";
import type { barDrawing } from "./options/cartesian";

register([BarChart, LineChart, GridComponent, LegendScrollComponent, MarkLineComponent, MarkAreaComponent]);

/** A chart with a category or time axis, and one or two value axes. */
export const CartesianChart = (props: WidgetProps & { draw: typeof barDrawing }) => <DrawnChart {...props} />;
