import { useComputedColorScheme } from "@mantine/core";
import { FunnelChart } from "echarts/charts";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { Chart } from "./chart";
import { inks, palette } from "./chart-theme";
import { rowsOf, type WidgetProps } from "./config";
import { funnelOption } from "./options/funnel";
import { alternativeColumns, rowIndexOf } from "./options/shared";

register([FunnelChart]);

export function FunnelWidget({ config, result, label, onSelect }: WidgetProps) {
  const scheme = useComputedColorScheme("light");
  const { rows } = useMemo(() => rowsOf(result), [result]);
  const option = useMemo(() => funnelOption(config, rows, inks[scheme], palette[scheme][0] ?? ""), [config, rows, scheme]);
  return <Chart option={option} label={label} config={config} rows={rows} columns={alternativeColumns(config, ["label"], ["value"])} onSelect={onSelect} rowIndex={rowIndexOf} />;
}
