import { useComputedColorScheme } from "@mantine/core";
import { ScatterChart } from "echarts/charts";
import {
  GridComponent,
  LegendScrollComponent,
  MarkAreaComponent,
  MarkLineComponent,
} from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { rowsOf, type WidgetProps } from "../config";
import { Chart } from "./chart";
import { inks, palette } from "./chart-theme";
import { scatterDrawing } from "./options/scatter";

register([ScatterChart, GridComponent, LegendScrollComponent, MarkLineComponent, MarkAreaComponent]);

export function ScatterWidget({ config, result, label, id, onSelect, isSelected }: WidgetProps) {
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const scheme = useComputedColorScheme("light");
  const truncated = result?.truncated === true;
  const drawing = useMemo(
    () => scatterDrawing(config, rows, columns, { ink: inks[scheme], palette: palette[scheme], truncated }),
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
