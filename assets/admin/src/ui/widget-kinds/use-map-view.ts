import type { EChartsType } from "echarts/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { isEqual } from "@/lib/merge-patch";

/** What of the world is seen: the middle in degrees east and north, and how large. */
interface View {
  center: [number, number] | null;
  zoom: number;
}

/** How near the map can be seen; at 1 all is seen that is meant to be. */
const NEAREST = 32;
const STEP = 1.6;
/** A key moves by so many pixels. */
const PACE = 60;

const keys: Record<string, [dx: number, dy: number]> = { ArrowLeft: [PACE, 0], ArrowRight: [-PACE, 0], ArrowUp: [0, PACE], ArrowDown: [0, -PACE] };

const start: View = { center: null, zoom: 1 };
const isStart = ({ center, zoom }: View) => center === null && zoom === 1;

/** The part of a chart's options that the view is. */
interface Geo {
  center?: [number, number] | null;
  zoom?: number;
}

function readView(chart: EChartsType): View {
  const [geo] = (chart.getOption()["geo"] ?? []) as Geo[];
  return { center: geo?.center ?? null, zoom: geo?.zoom ?? 1 };
}

/** The middle of what is seen never leaves the map. */
export function within({ center, zoom }: View, [[west, north], [east, south]]: Extent): View {
  const between = (low: number, value: number, high: number) => Math.min(high, Math.max(low, value));
  return { zoom: between(1, zoom, NEAREST), center: center && [between(west, center[0], east), between(south, center[1], north)] };
}

export type Extent = [[west: number, north: number], [east: number, south: number]];

/**
 * Moves a map and brings it nearer, by buttons and keys; the mouse is the chart's own affair. What is seen stays when
 * the data changes, and within `extent`.
 */
export function useMapView(extent: Extent, option: unknown) {
  const [chart, setChart] = useState<EChartsType | null>(null);
  const [zoom, setZoom] = useState(1);
  const [moved, setMoved] = useState(false);
  const view = useRef<View>(start);
  const bounds = useRef(extent);

  const note = (next: View) => {
    view.current = next;
    setZoom(next.zoom);
    setMoved(!isStart(next));
  };
  const show = useCallback(
    (next: View) => {
      const bounded = within(next, bounds.current);
      note(bounded);
      chart?.setOption({ geo: { center: bounded.center, zoom: bounded.zoom } });
    },
    [chart],
  );

  // After the chart has taken a new option, which knows nothing of the view.
  useEffect(() => {
    bounds.current = extent;
    if (!isStart(view.current)) show(view.current);
  }, [option, extent, show]);

  useEffect(() => {
    if (!chart) return;
    const onRoam = () => {
      const seen = readView(chart);
      if (isEqual(seen, within(seen, bounds.current))) note(seen);
      else show(seen);
    };
    chart.on("georoam", onRoam);
    return () => void (chart.isDisposed() || chart.off("georoam", onRoam));
  }, [chart, show]);

  const pan = (dx: number, dy: number) => chart?.dispatchAction({ type: "geoRoam", componentType: "geo", geoIndex: 0, dx, dy });
  const scale = (factor: number) => show({ ...view.current, zoom: view.current.zoom * factor });
  const reset = () => show(start);
  const onKey = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = keys[event.key];
    if (step) pan(...step);
    else if (event.key === "+" || event.key === "=") scale(STEP);
    else if (event.key === "-") scale(1 / STEP);
    else if (event.key === "0") reset();
    else return;
    event.preventDefault();
  };
  return { setChart, onKey, nearer: () => scale(STEP), farther: () => scale(1 / STEP), reset, mayNearer: zoom < NEAREST, mayFarther: zoom > 1, moved };
}
