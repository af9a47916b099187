import { PieChart } from "echarts/charts";
import { LegendPlainComponent } from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { Chart } from "./chart";
import { rowsOf, type WidgetProps } from "./config";
import { pieOption } from "./options/pie";
import { alternativeColumns, rowIndexOf } from "./options/shared";

register([PieChart, LegendPlainComponent]);

export function PieWidget({ config, result, label, onSelect }: WidgetProps) {
  const { rows } = useMemo(() => rowsOf(result), [result]);
  const option = useMemo(() => pieOption(config, rows), [config, rows]);
  return <Chart option={option} label={label} config={config} rows={rows} columns={alternativeColumns(config, ["label"], ["value"])} onSelect={onSelect} rowIndex={rowIndexOf} />;
}
