import { useComputedColorScheme } from "@mantine/core";
import { HeatmapChart } from "echarts/charts";
import { GridComponent, VisualMapContinuousComponent } from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { Chart } from "./chart";
import { inks } from "./chart-theme";
import { rowsOf, type WidgetProps } from "./config";
import { heatmapOption } from "./options/heatmap";
import { alternativeColumns, rowIndexOf } from "./options/shared";

register([HeatmapChart, GridComponent, VisualMapContinuousComponent]);

export function HeatmapWidget({ config, result, label, onSelect }: WidgetProps) {
  const ink = inks[useComputedColorScheme("light")];
  const { rows } = useMemo(() => rowsOf(result), [result]);
  const option = useMemo(() => heatmapOption(config, rows, ink), [config, rows, ink]);
  return <Chart option={option} label={label} config={config} rows={rows} columns={alternativeColumns(config, ["x", "y"], ["value"])} onSelect={onSelect} rowIndex={rowIndexOf} />;
}
