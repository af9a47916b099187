import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import type { Column, JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/rows/cells";
import { rowsOf, type WidgetProps } from "../config";
import { useWidgetActions } from "../host";
import { Chart } from "./chart";
import { inks, palette } from "./chart-theme";
import type { Drawing, DrawingContext, Missing } from "./options/shared";

interface DrawnChartProps extends WidgetProps {
  draw: (
    config: JsonObject,
    rows: readonly Row[],
    columns: readonly Column[],
    context: DrawingContext & { zone: string | undefined },
  ) => Drawing | Missing;
}

/** A chart that `draw` makes of the rows of a result, in the colors of the scheme. */
export function DrawnChart({ draw, config, result, ...props }: DrawnChartProps) {
  const { timeZone: zone } = useWidgetActions();
  const scheme = useComputedColorScheme("light");
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const truncated = result?.truncated === true;
  const drawing = useMemo(
    () => draw(config, rows, columns, { ink: inks[scheme], palette: palette[scheme], zone, truncated }),
    [draw, config, rows, columns, scheme, zone, truncated],
  );
  const { label, id, onSelect, isSelected } = props;
  return <Chart {...{ drawing, config, columns, label, id, onSelect, isSelected }} />;
}
