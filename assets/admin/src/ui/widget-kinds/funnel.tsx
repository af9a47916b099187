import { useComputedColorScheme } from "@mantine/core";
import { FunnelChart } from "echarts/charts";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { Chart } from "./chart";
import { palette } from "./chart-theme";
import { rowsOf, type WidgetProps } from "./config";
import { funnelOption } from "./options/funnel";
import { alternativeColumns, rowIndexOf } from "./options/shared";

register([FunnelChart]);

export function FunnelWidget({ config, result, label, onSelect }: WidgetProps) {
  const color = palette[useComputedColorScheme("light")][0] ?? "";
  const { rows } = useMemo(() => rowsOf(result), [result]);
  const option = useMemo(() => funnelOption(config, rows, color), [config, rows, color]);
  return <Chart option={option} label={label} config={config} rows={rows} columns={alternativeColumns(config, ["label"], ["value"])} onSelect={onSelect} rowIndex={rowIndexOf} />;
}
