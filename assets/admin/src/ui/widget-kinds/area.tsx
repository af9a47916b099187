import { LineChart } from "echarts/charts";
import { GridComponent, LegendScrollComponent } from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { Chart } from "./chart";
import { rowsOf, type WidgetProps } from "./config";
import { areaOption } from "./options/cartesian";
import { alternativeColumns } from "./options/shared";

register([LineChart, GridComponent, LegendScrollComponent]);

export function AreaWidget({ config, result, label }: WidgetProps) {
  const { rows } = useMemo(() => rowsOf(result), [result]);
  const option = useMemo(() => areaOption(config, rows), [config, rows]);
  return <Chart option={option} label={label} config={config} rows={rows} columns={alternativeColumns(config, ["x"], ["series"])} rowIndex={() => undefined} />;
}
