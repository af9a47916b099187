import { useComputedColorScheme } from "@mantine/core";
import { BarChart, LineChart } from "echarts/charts";
import {
  GridComponent,
  LegendScrollComponent,
  MarkAreaComponent,
  MarkLineComponent,
} from "echarts/components";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { rowsOf, type WidgetProps } from "../config";
import { useWidgetActions } from "../host";
import { Chart } from "./chart";
import { inks, palette } from "./chart-theme";
import type { barDrawing } from "./options/cartesian";

register([BarChart, LineChart, GridComponent, LegendScrollComponent, MarkLineComponent, MarkAreaComponent]);

/** A chart with a category or time axis, and one or two value axes. */
export function CartesianChart({ draw, ...props }: WidgetProps & { draw: typeof barDrawing }) {
  const { config, result, label, id, onSelect, isSelected } = props;
  const { timeZone } = useWidgetActions();
  const scheme = useComputedColorScheme("light");
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const truncated = result?.truncated === true;
  const drawing = useMemo(
    () =>
      draw(config, rows, columns, {
        ink: inks[scheme],
        palette: palette[scheme],
        zone: timeZone,
        truncated,
      }),
    [draw, config, rows, columns, scheme, timeZone, truncated],
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
