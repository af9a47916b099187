import { BarChart } from "echarts/charts";
import { GridComponent, LegendScrollComponent } from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { Chart } from "./chart";
import { rowsOf, type WidgetProps } from "./config";
import { barOption } from "./options/cartesian";
import { alternativeColumns } from "./options/shared";

register([BarChart, GridComponent, LegendScrollComponent]);

export function BarWidget({ config, result, label, onSelect }: WidgetProps) {
  const { rows } = useMemo(() => rowsOf(result), [result]);
  const option = useMemo(() => barOption(config, rows), [config, rows]);
  return <Chart option={option} label={label} config={config} rows={rows} columns={alternativeColumns(config, ["x"], ["series"])} onSelect={onSelect} rowIndex={barIndex} />;
}

/** Bars stand in the order of the rows. */
const barIndex = (params: unknown) => (typeof params === "object" && params !== null && "dataIndex" in params && typeof params.dataIndex === "number" ? params.dataIndex : undefined);
