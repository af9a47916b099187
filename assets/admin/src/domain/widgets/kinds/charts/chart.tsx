import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Popover, UnstyledButton, useComputedColorScheme, VisuallyHidden } from "@mantine/core";
import { useReducedMotion } from "@mantine/hooks";
import { AriaComponent, TooltipComponent } from "echarts/components";
import { init, use as register, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useMemo, useRef } from "react";
import { IconInfoCircle } from "@tabler/icons-react";
import type { Column, JsonObject } from "@/lib/api/model";
import { useLatest } from "@/lib/stable";
import { oneByOne } from "@/lib/one-by-one";
import type { Row } from "@/lib/rows/cells";
import { Hint } from "../hint";
import { useShown } from "../shown";
import classes from "../widget-kinds.module.css";
import { chartLocale } from "./chart-language";
import { chartTheme, inks } from "./chart-theme";
import {
  isMissing,
  writtenAs,
  type ChartOption,
  type Drawing,
  type Missing,
  type Seen,
} from "./options/shared";
import { truncation } from "./options/notices/notices";
import { seriesShown } from "./marks/selected-marks";

register([TooltipComponent, AriaComponent, CanvasRenderer]);

interface ChartProps {
  drawing: Drawing | Missing;
  label: string;
  id: string | undefined;
  config: JsonObject;
  /** The columns of the result, which have the types of the data. */
  columns: readonly Column[];
  onSelect?: ((row: Row) => void) | undefined;
  /** The number of loaded rows, if the result lacks some and the drawing does not say so itself. */
  cut?: number | undefined;
  isSelected?: ((row: Row) => boolean) | undefined;
  /** Called with the chart when it is created, and with null when it is disposed. */
  onChart?: ((chart: EChartsType | null) => void) | undefined;
}

/**
 * Renders ECharts in the size of its parent and the colors of the scheme, with a table for people who cannot see it.
 */
export function Chart(props: ChartProps) {
  const { drawing, label, id, config, columns, cut, onSelect, isSelected, onChart } = props;
  useShown(id, isMissing(drawing) ? null : drawing.seen);
  const ink = inks[useComputedColorScheme("light")];
  const series = useMemo(
    () => (isMissing(drawing) ? [] : seriesShown(drawing, isSelected, ink)),
    [drawing, isSelected, ink],
  );
  if (isMissing(drawing)) return <Hint text={drawing.missing} />;
  const { option, seen, pick } = drawing;
  const notes = [...(cut === undefined ? [] : truncation(true, cut)), ...drawing.notes];
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
        <Canvas option={option} series={series} label={label} onPick={onPick} onChart={onChart} />
      </div>
      {notes.length > 0 && <Notes label={label} notes={notes} />}
      <Alternative
        label={label}
        config={config}
        seen={seen}
        columns={columns}
        onSelect={onSelect}
        isSelected={isSelected}
      />
    </div>
  );
}

/** What readers must know, on at most two lines; all of it when it is opened. */
function Notes({ label, notes }: { label: string; notes: readonly string[] }) {
  return (
    <Popover width={340} position="top-start" withinPortal shadow="md">
      <div role="note">
        <Popover.Target>
          <UnstyledButton className={classes.chartNote} aria-haspopup="dialog">
            <IconInfoCircle size={13} aria-hidden />
            <span>{notes.join(" ")}</span>
          </UnstyledButton>
        </Popover.Target>
      </div>
      <Popover.Dropdown aria-label={t`Notes on ${label}`}>
        <ul className={classes.notes}>
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Charts that are drawn together would block the page for as long. */
const soon = oneByOne();
/** The charts on the page. Animations of more than a few take longer than a frame. */
const drawn = new Set<EChartsType>();
const MOST_ANIMATED = 12;

interface CanvasProps extends Pick<ChartProps, "label" | "onChart"> {
  option: ChartOption;
  /** The option's series, with the selected marks highlighted. */
  series: readonly ChartOption[];
  onPick: ((params: unknown) => void) | undefined;
}

/** Draws a copy: ECharts removes the media rules from what it is given. */
function draw(chart: EChartsType, option: EChartsCoreOption): void {
  const animation = option["animation"] === true && drawn.size <= MOST_ANIMATED;
  chart.setOption({ ...option, animation }, { notMerge: true });
}

function Canvas({ option, series, label, onPick, onChart }: CanvasProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const scheme = useComputedColorScheme("light");
  const still = useReducedMotion(false, { getInitialValueInEffect: false });
  const latest = useRef<EChartsCoreOption>(option);
  const marked = useRef({ option, series });
  const pick = useLatest(onPick);

  // Replaces the marks alone: the view of a map stays, and nothing is animated.
  useEffect(() => {
    const isSame = marked.current.option === option;
    marked.current = { option, series };
    if (!isSame) return undefined;
    latest.current = { ...latest.current, series };
    return soon(() => chart.current?.setOption({ animation: false, series }));
  }, [option, series]);

  // Set before the chart is created, so that it starts with all options: an animation in progress would continue.
  useEffect(() => {
    latest.current = {
      ...option,
      series: marked.current.series,
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
    return soon(() => {
      if (chart.current) draw(chart.current, latest.current);
    });
  }, [option, still, label]);

  useEffect(() => {
    const place = host.current;
    if (!place) return;
    const observer = new ResizeObserver(() => chart.current?.resize());
    const withdraw = soon(() => {
      const created = init(place, chartTheme(scheme), { locale: chartLocale() });
      chart.current = created;
      drawn.add(created);
      draw(created, latest.current);
      created.on("click", (params) => pick.current?.(params));
      observer.observe(place);
      onChart?.(created);
    });
    return () => {
      withdraw();
      observer.disconnect();
      const created = chart.current;
      if (!created) return;
      onChart?.(null);
      drawn.delete(created);
      created.dispose();
      chart.current = null;
    };
  }, [scheme, onChart, pick]);

  return <div ref={host} className={classes.chart} role="img" aria-label={label} />;
}

/** The maximum number of rows in the alternative: for more there is the table widget. */
const TOLD = 200;

interface AlternativeProps extends Pick<
  ChartProps,
  "label" | "config" | "columns" | "onSelect" | "isSelected"
> {
  seen: Seen;
}

/** The chart's data as a table: for screen readers, and to select a row with the keyboard. */
function Alternative({ label, config, seen, columns: described, onSelect, isSelected }: AlternativeProps) {
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
                <button type="button" aria-pressed={isSelected?.(row) ?? false} onClick={() => onSelect(row)}>
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
