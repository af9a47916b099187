import type { WidgetProps } from "../config";
import { CartesianChart } from "./cartesian-chart";
import { areaDrawing } from "./options/cartesian";

export const AreaWidget = (props: WidgetProps) => <CartesianChart {...props} draw={areaDrawing} />;
