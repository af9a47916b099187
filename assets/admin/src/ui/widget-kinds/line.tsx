import { useMemo } from "react";
import { Chart } from "./chart";
import { lineOption } from "./chart-options";
import { rowsOf, type WidgetProps } from "./config";

export function LineWidget({ config, result, label }: WidgetProps) {
  const option = useMemo(() => lineOption(config, rowsOf(result).rows), [config, result]);
  return <Chart option={option} label={label} />;
}
