import { useMemo } from "react";
import { Chart } from "./chart";
import { barOption } from "./chart-options";
import { rowsOf, type WidgetProps } from "./config";

export function BarWidget({ config, result, label }: WidgetProps) {
  const option = useMemo(() => barOption(config, rowsOf(result).rows), [config, result]);
  return <Chart option={option} label={label} />;
}
