import { t } from "@lingui/core/macro";
import { ActionIcon, useComputedColorScheme } from "@mantine/core";
import { IconHome, IconMinus, IconPlus } from "@tabler/icons-react";
import { ScatterChart } from "echarts/charts";
import { GeoComponent } from "echarts/components";
import { registerMap, use as register } from "echarts/core";
import { useEffect, useMemo, useRef } from "react";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import outlines from "world-atlas/countries-110m.json";
import { rowsOf, type WidgetProps } from "../config";
import classes from "../widget-kinds.module.css";
import { Chart } from "./chart";
import { inks } from "./chart-theme";
import { extentShown, mapDrawing, WORLD } from "./options/map";
import { isMissing } from "./options/shared";
import { useMapView } from "./use-map-view";

register([ScatterChart, GeoComponent]);

const world = outlines as unknown as Topology<{ countries: GeometryCollection }>;
registerMap(WORLD, feature(world, world.objects.countries) as unknown as Parameters<typeof registerMap>[1]);

/** Shows points on country outlines, which are part of the app. */
export function MapWidget({ config, result, label, id, onSelect, isSelected }: WidgetProps) {
  const ink = inks[useComputedColorScheme("light")];
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const drawing = useMemo(() => mapDrawing(config, rows, columns, ink), [config, rows, columns, ink]);
  const extent = useMemo(() => extentShown(config, rows), [config, rows]);
  const view = useMapView(extent, drawing);
  const chart = (
    <Chart
      drawing={drawing}
      label={label}
      id={id}
      config={config}
      columns={columns}
      cut={result?.truncated ? rows.length : undefined}
      onSelect={onSelect}
      isSelected={isSelected}
      onChart={view.setChart}
    />
  );
  if (isMissing(drawing)) return chart;
  return (
    <MapFrame label={label} onKey={view.onKey} tools={<Tools {...view} />}>
      {chart}
    </MapFrame>
  );
}

interface MapFrameProps {
  label: string;
  onKey: (event: React.KeyboardEvent) => void;
  tools: React.ReactNode;
  children: React.ReactNode;
}

/** The wheel scrolls the page, unless the map has the focus or Ctrl is held. */
function MapFrame({ label, onKey, tools, children }: MapFrameProps) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey && !element.contains(document.activeElement))
        event.stopPropagation();
    };
    element.addEventListener("wheel", onWheel, { capture: true, passive: true });
    return () => element.removeEventListener("wheel", onWheel, { capture: true });
  }, []);
  return (
    <div className={classes.mapFrame}>
      <div
        ref={frame}
        className={classes.map}
        role="group"
        tabIndex={0}
        aria-label={t`Map ${label}`}
        aria-description={t`Use the arrow keys to pan, + and - to zoom, and 0 to reset the view`}
        onKeyDown={onKey}
        onPointerDown={() => frame.current?.focus({ preventScroll: true })}
      >
        {children}
      </div>
      {tools}
    </div>
  );
}

function Tools({
  nearer,
  farther,
  reset,
  mayNearer,
  mayFarther,
  moved,
}: Omit<ReturnType<typeof useMapView>, "setChart" | "onKey">) {
  const tool = { size: 24, variant: "default" } as const;
  return (
    <ActionIcon.Group orientation="vertical" className={classes.mapTools ?? ""}>
      <ActionIcon {...tool} aria-label={t`Zoom in`} title={t`Zoom in`} disabled={!mayNearer} onClick={nearer}>
        <IconPlus size={14} />
      </ActionIcon>
      <ActionIcon
        {...tool}
        aria-label={t`Zoom out`}
        title={t`Zoom out`}
        disabled={!mayFarther}
        onClick={farther}
      >
        <IconMinus size={14} />
      </ActionIcon>
      <ActionIcon
        {...tool}
        aria-label={t`Show entire map`}
        title={t`Show entire map`}
        disabled={!moved}
        onClick={reset}
      >
        <IconHome size={14} />
      </ActionIcon>
    </ActionIcon.Group>
  );
}
