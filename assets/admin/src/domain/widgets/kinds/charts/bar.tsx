import { BarChart } from "echarts/charts";
import { GridComponent, LegendScrollComponent } from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { rowsOf, type WidgetProps } from "../config";
import { Chart } from "./chart";
import { barDrawing } from "./options/cartesian";

register([BarChart, GridComponent, LegendScrollComponent]);

export function BarWidget({ config, result, label, id, onSelect }: WidgetProps) {
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const drawing = useMemo(() => barDrawing(config, rows, columns), [config, rows, columns]);
  return (
    <Chart drawing={drawing} label={label} id={id} config={config} columns={columns} onSelect={onSelect} />
  );
}
