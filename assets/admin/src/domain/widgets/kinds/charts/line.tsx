import type { WidgetProps } from "../config";
import { CartesianChart } from "./cartesian-chart";
import { lineDrawing } from "./options/cartesian";

export const LineWidget = (props: WidgetProps) => <CartesianChart {...props} draw={lineDrawing} />;
