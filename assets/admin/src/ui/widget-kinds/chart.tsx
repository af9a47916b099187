import { useComputedColorScheme } from "@mantine/core";
import { useReducedMotion } from "@mantine/hooks";
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendScrollComponent, TooltipComponent } from "echarts/components";
import { init, use as register, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { isMissing, type ChartOption, type Missing } from "./chart-options";
import { chartTheme } from "./chart-theme";
import { Hint } from "./hint";
import classes from "./widget-kinds.module.css";

register([BarChart, LineChart, PieChart, GridComponent, TooltipComponent, LegendScrollComponent, AriaComponent, CanvasRenderer]);

/** ECharts, in the size of its parent and the colours of the scheme. */
export function Chart({ option, label }: { option: ChartOption | Missing; label: string }) {
  return isMissing(option) ? <Hint text={option.missing} /> : <Canvas option={option} label={label} />;
}

function Canvas({ option, label }: { option: ChartOption; label: string }) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const scheme = useComputedColorScheme("light");
  const still = useReducedMotion();
  const latest = useRef<EChartsCoreOption>(option);

  // Before the chart is made, so that it is made with the whole option: an animation that has begun goes on.
  useEffect(() => {
    latest.current = { ...option, animation: !still, aria: { enabled: true, label: { general: { withTitle: label, withoutTitle: `${label}. ` }, series: { maxCount: 4 }, data: { maxCount: 5 } } } };
    // A copy: ECharts takes the media rules out of what it is given.
    chart.current?.setOption({ ...latest.current }, { notMerge: true });
  }, [option, still, label]);

  useEffect(() => {
    if (!host.current) return;
    const created = init(host.current, chartTheme(scheme));
    chart.current = created;
    created.setOption({ ...latest.current });
    const observer = new ResizeObserver(() => created.resize());
    observer.observe(host.current);
    return () => {
      observer.disconnect();
      created.dispose();
      chart.current = null;
    };
  }, [scheme]);

  return <div ref={host} className={classes.chart} role="img" />;
}
