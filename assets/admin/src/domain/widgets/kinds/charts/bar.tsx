import type { WidgetProps } from "../config";
import { CartesianChart } from "./cartesian-chart";
import { barDrawing } from "./options/cartesian";

export const BarWidget = (props: WidgetProps) => <CartesianChart {...props} draw={barDrawing} />;
