import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useComputedColorScheme, VisuallyHidden } from "@mantine/core";
import { useReducedMotion } from "@mantine/hooks";
import { AriaComponent, TooltipComponent } from "echarts/components";
import { init, use as register, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useMemo, useRef } from "react";
import { IconInfoCircle } from "@tabler/icons-react";
import type { Column, JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/rows/cells";
import { Hint } from "../hint";
import { useShown } from "../shown";
import classes from "../widget-kinds.module.css";
import { chartLocale } from "./chart-language";
import { chartTheme } from "./chart-theme";
import {
  isMissing,
  writtenAs,
  type ChartOption,
  type Drawing,
  type Missing,
  type Seen,
} from "./options/shared";

register([TooltipComponent, AriaComponent, CanvasRenderer]);

interface ChartProps {
  drawing: Drawing | Missing;
  label: string;
  id: string | undefined;
  config: JsonObject;
  /** The columns of the result, which have the types of the data. */
  columns: readonly Column[];
  onSelect?: ((row: Row) => void) | undefined;
  /** Called with the chart when it is created, and with null when it is disposed. */
  onChart?: ((chart: EChartsType | null) => void) | undefined;
}

/**
 * Renders ECharts in the size of its parent and the colors of the scheme, with a table for people who cannot see it.
 */
export function Chart({ drawing, label, id, config, columns, onSelect, onChart }: ChartProps) {
  useShown(id, isMissing(drawing) ? null : drawing.seen);
  if (isMissing(drawing)) return <Hint text={drawing.missing} />;
  const { option, seen, notes, pick } = drawing;
  const onPick =
    onSelect &&
    pick &&
    ((params: unknown) => {
      const row = pick(params);
      if (row) onSelect(row);
    });
  return (
    <div className={classes.chartFrame}>
      <div className={classes.chartCanvas}>
        <Canvas option={option} label={label} onPick={onPick} onChart={onChart} />
      </div>
      {notes.length > 0 && (
        <p className={classes.chartNote} role="note" title={notes.join(" ")}>
          <IconInfoCircle size={13} aria-hidden />
          <span>{notes.join(" ")}</span>
        </p>
      )}
      <Alternative label={label} config={config} seen={seen} columns={columns} onSelect={onSelect} />
    </div>
  );
}

interface CanvasProps extends Pick<ChartProps, "label" | "onChart"> {
  option: ChartOption;
  onPick: ((params: unknown) => void) | undefined;
}

function Canvas({ option, label, onPick, onChart }: CanvasProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const scheme = useComputedColorScheme("light");
  const still = useReducedMotion(false, { getInitialValueInEffect: false });
  const latest = useRef<EChartsCoreOption>(option);
  const pick = useRef(onPick);

  // Set before the chart is created, so that it starts with all options: an animation in progress would continue.
  useEffect(() => {
    latest.current = {
      ...option,
      animation: !still,
      aria: {
        enabled: true,
        label: {
          general: { withTitle: label, withoutTitle: `${label}. ` },
          series: { maxCount: 4 },
          data: { maxCount: 5 },
        },
      },
    };
    // A copy: ECharts removes the media rules from what it is given.
    chart.current?.setOption({ ...latest.current }, { notMerge: true });
  }, [option, still, label]);

  useEffect(() => {
    pick.current = onPick;
  }, [onPick]);

  useEffect(() => {
    if (!host.current) return;
    const created = init(host.current, chartTheme(scheme), { locale: chartLocale() });
    chart.current = created;
    created.setOption({ ...latest.current });
    created.on("click", (params) => pick.current?.(params));
    const observer = new ResizeObserver(() => created.resize());
    observer.observe(host.current);
    onChart?.(created);
    return () => {
      onChart?.(null);
      observer.disconnect();
      created.dispose();
      chart.current = null;
    };
  }, [scheme, onChart]);

  return <div ref={host} className={classes.chart} role="img" aria-label={label} />;
}

/** The maximum number of rows in the alternative: for more there is the table widget. */
const TOLD = 200;

interface AlternativeProps extends Pick<ChartProps, "label" | "config" | "columns" | "onSelect"> {
  seen: Seen;
}

/** The chart's data as a table: for screen readers, and to select a row with the keyboard. */
function Alternative({ label, config, seen, columns: described, onSelect }: AlternativeProps) {
  const { columns, rows } = seen;
  const written = useMemo(() => writtenAs(seen, config, described), [seen, config, described]);
  const words = (field: string, row: Row) => written.get(field)?.(row[field]) ?? "";
  const table = (
    <table>
      <caption>{rows.length > TOLD ? t`${label}: first ${TOLD} of ${rows.length} rows` : label}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.field} scope="col">
              {column.label}
            </th>
          ))}
          {onSelect && (
            <th scope="col">
              <Trans>Select…</Trans>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, TOLD).map((row, index) => (
          <tr key={index}>
            {columns.map(({ field }) => (
              <td key={field}>{words(field, row)}</td>
            ))}
            {onSelect && (
              <td>
                <button type="button" onClick={() => onSelect(row)}>
                  <Trans>Select {words(columns[0]?.field ?? "", row)}</Trans>
                </button>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
  // Becomes visible when it takes the focus.
  return onSelect ? (
    <div className={classes.alternative}>{table}</div>
  ) : (
    <VisuallyHidden>{table}</VisuallyHidden>
  );
}
