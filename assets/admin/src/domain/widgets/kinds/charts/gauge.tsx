import { Trans } from "@lingui/react/macro";
import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { GaugeChart } from "echarts/charts";
import { use as register } from "echarts/core";
import { useMemo } from "react";
import { formatFigure } from "@/lib/format/figures";
import { rowsOf, styleOf, textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import classes from "../widget-kinds.module.css";
import { Chart } from "./chart";
import { inks, palette } from "./chart-theme";
import { gaugeDrawing, readGauge } from "./options/gauge";

register([GaugeChart]);

export function GaugeWidget(props: WidgetProps) {
  const { ref, width, height } = useElementSize();
  // A dial needs room for its value.
  const narrow = height > 0 && (height < 90 || width < 120);
  return (
    <div ref={ref} className={classes.fill}>
      {props.config["shape"] === "bar" || narrow ? <Bar {...props} /> : <Dial {...props} />}
    </div>
  );
}

function Dial({ config, result, label, id }: WidgetProps) {
  const scheme = useComputedColorScheme("light");
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const drawing = useMemo(
    () => gaugeDrawing(config, rows, inks[scheme], palette[scheme][0] ?? "", columns),
    [config, rows, columns, scheme],
  );
  return <Chart drawing={drawing} label={label} id={id} config={config} columns={columns} />;
}

/** The same as a bar, for narrow tiles. */
function Bar({ config, result, label }: WidgetProps) {
  const scheme = useComputedColorScheme("light");
  const { rows, columns } = rowsOf(result);
  const reading = readGauge(config, rows);
  if ("missing" in reading) return <Hint text={reading.missing} />;
  const field = textOf(config, "field");
  const style = styleOf(config, field, columns);
  const written = formatFigure(rows[0]?.[field], style);
  const color = reading.tone ? inks[scheme].tones[reading.tone] : palette[scheme][0];
  return (
    <div className={classes.progress}>
      <div className={classes.progressHead}>
        <strong>{written}</strong>
        {reading.label && <span>{reading.label}</span>}
        <span>
          <Trans>of {formatFigure(reading.max, style)}</Trans>
        </span>
        <span className={classes.progressShare}>{formatFigure(reading.share, { format: "percent" })}</span>
      </div>
      <div
        className={classes.progressTrack}
        role="progressbar"
        aria-label={label}
        aria-valuemin={reading.min}
        aria-valuemax={reading.max}
        aria-valuenow={reading.value}
        aria-valuetext={written}
      >
        <div style={{ width: `${reading.share * 100}%`, background: color }} />
      </div>
    </div>
  );
}
