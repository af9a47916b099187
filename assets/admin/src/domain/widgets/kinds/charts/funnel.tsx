import { useComputedColorScheme } from "@mantine/core";
import { FunnelChart } from "echarts/charts";
import { TitleComponent } from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { rowsOf, type WidgetProps } from "../config";
import { Chart } from "./chart";
import { inks, palette } from "./chart-theme";
import { funnelDrawing } from "./options/funnel";

register([FunnelChart, TitleComponent]);

export function FunnelWidget({ config, result, label, id, onSelect, isSelected }: WidgetProps) {
  const scheme = useComputedColorScheme("light");
  const truncated = result?.truncated === true;
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const drawing = useMemo(
    () => funnelDrawing(config, rows, columns, { ink: inks[scheme], palette: palette[scheme], truncated }),
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
