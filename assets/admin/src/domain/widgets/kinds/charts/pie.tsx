import { PieChart } from "echarts/charts";
import { LegendPlainComponent } from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { rowsOf, type WidgetProps } from "../config";
import { Chart } from "./chart";
import { pieDrawing } from "./options/pie";

register([PieChart, LegendPlainComponent]);

export function PieWidget({ config, result, label, id, onSelect }: WidgetProps) {
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const drawing = useMemo(() => pieDrawing(config, rows, columns), [config, rows, columns]);
  return (
    <Chart drawing={drawing} label={label} id={id} config={config} columns={columns} onSelect={onSelect} />
  );
}
