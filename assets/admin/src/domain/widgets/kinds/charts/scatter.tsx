import { ScatterChart } from "echarts/charts";
import { GridComponent, LegendScrollComponent } from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { rowsOf, type WidgetProps } from "../config";
import { Chart } from "./chart";
import { scatterDrawing } from "./options/scatter";

register([ScatterChart, GridComponent, LegendScrollComponent]);

export function ScatterWidget({ config, result, label, id, onSelect, isSelected }: WidgetProps) {
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const drawing = useMemo(() => scatterDrawing(config, rows, columns), [config, rows, columns]);
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
