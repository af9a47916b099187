import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useComputedColorScheme, VisuallyHidden } from "@mantine/core";
import { useReducedMotion } from "@mantine/hooks";
import { AriaComponent, TooltipComponent } from "echarts/components";
import { init, use as register, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import type { JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/cells";
import { formatFigure } from "@/lib/figures";
import { chartLocale } from "./chart-language";
import { chartTheme } from "./chart-theme";
import { styleOf } from "./config";
import { Hint } from "./hint";
import { categoryText, isMissing, type AlternativeColumn, type ChartOption, type Missing } from "./options/shared";
import classes from "./widget-kinds.module.css";

register([TooltipComponent, AriaComponent, CanvasRenderer]);

interface ChartProps {
  option: ChartOption | Missing;
  label: string;
  config: JsonObject;
  rows: readonly Row[];
  /** What the table says that stands for the chart where it cannot be seen. */
  columns: AlternativeColumn[];
  onSelect?: ((row: Row) => void) | undefined;
  /** The index of the row that a drawn thing stands for. */
  rowIndex: (params: unknown) => number | undefined;
  /** Told of the chart when it is made, and of null when it goes. */
  onChart?: ((chart: EChartsType | null) => void) | undefined;
}

/** ECharts, in the size of its parent and the colours of the scheme, with a table for those who cannot see it. */
export function Chart({ option, label, onSelect, rowIndex, onChart, ...data }: ChartProps) {
  if (isMissing(option)) return <Hint text={option.missing} />;
  const onPick = onSelect && ((params: unknown) => {
    const index = rowIndex(params);
    const row = index === undefined ? undefined : data.rows[index];
    if (row) onSelect(row);
  });
  return (
    <div className={classes.chartFrame}>
      <Canvas option={option} label={label} onPick={onPick} onChart={onChart} />
      <Alternative label={label} onSelect={onSelect} {...data} />
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

  // Before the chart is made, so that it is made with the whole option: an animation that has begun goes on.
  useEffect(() => {
    latest.current = { ...option, animation: !still, aria: { enabled: true, label: { general: { withTitle: label, withoutTitle: `${label}. ` }, series: { maxCount: 4 }, data: { maxCount: 5 } } } };
    // A copy: ECharts takes the media rules out of what it is given.
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

/** So many rows are told: more is what a table is for. */
const TOLD = 200;

/** What the chart shows, as a table: for screen readers, and for choosing a row with the keyboard. */
function Alternative({ label, config, rows, columns, onSelect }: Omit<ChartProps, "option" | "rowIndex" | "onChart">) {
  const style = styleOf(config);
  const table = (
    <table>
      <caption>
        {label}
        {rows.length > TOLD && t`: the first ${TOLD} of ${rows.length} rows`}
      </caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.field} scope="col">
              {column.label}
            </th>
          ))}
          {onSelect && <th scope="col"><Trans>Choose</Trans></th>}
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, TOLD).map((row, index) => (
          <tr key={index}>
            {columns.map(({ field, figure }) => (
              <td key={field}>{figure ? formatFigure(row[field], style) : categoryText(row[field])}</td>
            ))}
            {onSelect && (
              <td>
                <button type="button" onClick={() => onSelect(row)}>
                  <Trans>Choose {categoryText(row[columns[0]?.field ?? ""])}</Trans>
                </button>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
  // What takes the focus must be seen then.
  return onSelect ? <div className={classes.alternative}>{table}</div> : <VisuallyHidden>{table}</VisuallyHidden>;
}
