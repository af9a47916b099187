import { useComputedColorScheme } from "@mantine/core";
import { HeatmapChart } from "echarts/charts";
import { GridComponent, VisualMapContinuousComponent } from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { rowsOf, type WidgetProps } from "../config";
import { Chart } from "./chart";
import { inks, palette } from "./chart-theme";
import { heatmapDrawing } from "./options/heatmap";

register([HeatmapChart, GridComponent, VisualMapContinuousComponent]);

export function HeatmapWidget({ config, result, label, id, onSelect, isSelected }: WidgetProps) {
  const scheme = useComputedColorScheme("light");
  const truncated = result?.truncated === true;
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const drawing = useMemo(
    () => heatmapDrawing(config, rows, columns, { ink: inks[scheme], palette: palette[scheme], truncated }),
    [config, rows, columns, scheme, truncated],
  );
  return (
    <Chart
      drawing={drawing}
      label={label}
      id={id}
      config={config}
      columns={columns}
      onSelect={onSelect}
      isSelected={isSelected}
    />
  );
}
