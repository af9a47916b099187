import { LineChart } from "echarts/charts";
import { GridComponent, LegendScrollComponent } from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { rowsOf, type WidgetProps } from "../config";
import { Chart } from "./chart";
import { areaDrawing } from "./options/cartesian";

register([LineChart, GridComponent, LegendScrollComponent]);

export function AreaWidget({ config, result, label, id, onSelect }: WidgetProps) {
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const drawing = useMemo(() => areaDrawing(config, rows, columns), [config, rows, columns]);
  return (
    <Chart drawing={drawing} label={label} id={id} config={config} columns={columns} onSelect={onSelect} />
  );
}
