import { PieChart } from "echarts/charts";
import { LegendScrollComponent } from "echarts/components";
import { use as register } from "echarts/core";
import type { WidgetProps } from "../config";
import { DrawnChart } from "./drawn-chart";
import { pieDrawing } from "./options/pie";

register([PieChart, LegendScrollComponent]);

export const PieWidget = (props: WidgetProps) => <DrawnChart {...props} draw={pieDrawing} />;
