import { ScatterChart } from "echarts/charts";
import {
  GridComponent,
  LegendScrollComponent,
  MarkAreaComponent,
  MarkLineComponent,
} from "echarts/components";
import { use as register } from "echarts/core";
import type { WidgetProps } from "../config";
import { DrawnChart } from "./drawn-chart";
import { scatterDrawing } from "./options/scatter";

register([ScatterChart, GridComponent, LegendScrollComponent, MarkLineComponent, MarkAreaComponent]);

export const ScatterWidget = (props: WidgetProps) => <DrawnChart {...props} draw={scatterDrawing} />;
