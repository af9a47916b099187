import { useComputedColorScheme } from "@mantine/core";
import { FunnelChart } from "echarts/charts";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { rowsOf, type WidgetProps } from "../config";
import { Chart } from "./chart";
import { inks, palette } from "./chart-theme";
import { funnelDrawing } from "./options/funnel";

register([FunnelChart]);

export function FunnelWidget({ config, result, label, id, onSelect, isSelected }: WidgetProps) {
  const scheme = useComputedColorScheme("light");
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const drawing = useMemo(
    () => funnelDrawing(config, rows, columns, inks[scheme], palette[scheme][0] ?? ""),
    [config, rows, columns, scheme],
  );
  return (
    <Chart
      drawing={drawing}
      label={label}
      id={id}
      config={config}
      columns={columns}
      onSelect={onSelect}
      cut={result?.truncated ? rows.length : undefined}
      isSelected={isSelected}
    />
  );
}
