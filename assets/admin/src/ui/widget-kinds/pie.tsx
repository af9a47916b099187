import { useMemo } from "react";
import { Chart } from "./chart";
import { pieOption } from "./chart-options";
import { rowsOf, type WidgetProps } from "./config";

export function PieWidget({ config, result, label }: WidgetProps) {
  const option = useMemo(() => pieOption(config, rowsOf(result).rows), [config, result]);
  return <Chart option={option} label={label} />;
}
