import { ScatterChart } from "echarts/charts";
import { GridComponent, LegendScrollComponent } from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { Chart } from "./chart";
import { rowsOf, type WidgetProps } from "./config";
import { scatterOption } from "./options/scatter";
import { alternativeColumns, rowIndexOf } from "./options/shared";

register([ScatterChart, GridComponent, LegendScrollComponent]);

export function ScatterWidget({ config, result, label, onSelect }: WidgetProps) {
  const { rows } = useMemo(() => rowsOf(result), [result]);
  const option = useMemo(() => scatterOption(config, rows), [config, rows]);
  return <Chart option={option} label={label} config={config} rows={rows} columns={alternativeColumns(config, ["label", "group", "x", "size"], ["y"])} onSelect={onSelect} rowIndex={rowIndexOf} />;
}
