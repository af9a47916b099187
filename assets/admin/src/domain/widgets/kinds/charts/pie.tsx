import { useComputedColorScheme } from "@mantine/core";
import { PieChart } from "echarts/charts";
import { LegendScrollComponent } from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { rowsOf, type WidgetProps } from "../config";
import { Chart } from "./chart";
import { inks, palette } from "./chart-theme";
import { pieDrawing } from "./options/pie";

register([PieChart, LegendScrollComponent]);

export function PieWidget({ config, result, label, id, onSelect, isSelected }: WidgetProps) {
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const scheme = useComputedColorScheme("light");
  const truncated = result?.truncated === true;
  const drawing = useMemo(
    () => pieDrawing(config, rows, columns, { ink: inks[scheme], palette: palette[scheme], truncated }),
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
