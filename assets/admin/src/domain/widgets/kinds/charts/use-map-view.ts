import type { EChartsType } from "echarts/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { isEqual } from "@/lib/schema/merge-patch";

/** The visible part of the world: center in degrees east and north, and zoom. */
interface View {
  center: [number, number] | null;
  zoom: number;
}

/** Maximum zoom; at 1 the whole extent is visible. */
const NEAREST = 32;
const STEP = 1.6;
/** Pixels per key press. */
const PACE = 60;

const keys: Record<string, [dx: number, dy: number]> = {
  ArrowLeft: [PACE, 0],
  ArrowRight: [-PACE, 0],
  ArrowUp: [0, PACE],
  ArrowDown: [0, -PACE],
};

const start: View = { center: null, zoom: 1 };
const isStart = ({ center, zoom }: View) => center === null && zoom === 1;

/** The part of a chart's options that defines the view. */
interface Geo {
  center?: [number, number] | null;
  zoom?: number;
}

function readView(chart: EChartsType): View {
  const [geo] = (chart.getOption()["geo"] ?? []) as Geo[];
  return { center: geo?.center ?? null, zoom: geo?.zoom ?? 1 };
}

/** The center of the view stays on the map. */
export function within({ center, zoom }: View, [[west, north], [east, south]]: Extent): View {
  const between = (low: number, value: number, high: number) => Math.min(high, Math.max(low, value));
  return {
    zoom: between(1, zoom, NEAREST),
    center: center && [between(west, center[0], east), between(south, center[1], north)],
  };
}

export type Extent = [[west: number, north: number], [east: number, south: number]];

/**
 * Pans and zooms a map by buttons and keys; the chart itself handles the mouse. The view survives data changes, and
 * stays within `extent`.
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

  // After the chart has taken new options, which do not contain the view.
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

  const pan = (dx: number, dy: number) =>
    chart?.dispatchAction({ type: "geoRoam", componentType: "geo", geoIndex: 0, dx, dy });
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
  return {
    setChart,
    onKey,
    nearer: () => scale(STEP),
    farther: () => scale(1 / STEP),
    reset,
    mayNearer: zoom < NEAREST,
    mayFarther: zoom > 1,
    moved,
  };
}
