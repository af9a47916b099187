import { FunnelChart } from "echarts/charts";
import { TitleComponent } from "echarts/components";
import { use as register } from "echarts/core";
import type { WidgetProps } from "../config";
import { DrawnChart } from "./drawn-chart";
import { funnelDrawing } from "./options/funnel";

register([FunnelChart, TitleComponent]);

export const FunnelWidget = (props: WidgetProps) => <DrawnChart {...props} draw={funnelDrawing} />;
