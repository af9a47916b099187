import { useComputedColorScheme } from "@mantine/core";
import { PieChart } from "echarts/charts";
import { LegendPlainComponent } from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { rowsOf, type WidgetProps } from "../config";
import { Chart } from "./chart";
import { inks } from "./chart-theme";
import { pieDrawing } from "./options/pie";

register([PieChart, LegendPlainComponent]);

export function PieWidget({ config, result, label, id, onSelect, isSelected }: WidgetProps) {
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const ink = inks[useComputedColorScheme("light")];
  const truncated = result?.truncated === true;
  const drawing = useMemo(
    () => pieDrawing(config, rows, columns, { ink, truncated }),
    [config, rows, columns, ink, truncated],
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
