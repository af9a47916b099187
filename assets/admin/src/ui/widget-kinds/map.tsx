import { useComputedColorScheme } from "@mantine/core";
import { ScatterChart } from "echarts/charts";
import { GeoComponent } from "echarts/components";
import { registerMap, use as register } from "echarts/core";
import { useMemo } from "react";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import outlines from "world-atlas/countries-110m.json";
import { Chart } from "./chart";
import { inks } from "./chart-theme";
import { rowsOf, type WidgetProps } from "./config";
import { mapOption, WORLD } from "./options/map";
import { alternativeColumns, rowIndexOf } from "./options/shared";

register([ScatterChart, GeoComponent]);

const world = outlines as unknown as Topology<{ countries: GeometryCollection }>;
registerMap(WORLD, feature(world, world.objects.countries) as unknown as Parameters<typeof registerMap>[1]);

/** Points on the outlines of the countries, which come with the app. */
export function MapWidget({ config, result, label, onSelect }: WidgetProps) {
  const ink = inks[useComputedColorScheme("light")];
  const { rows } = useMemo(() => rowsOf(result), [result]);
  const option = useMemo(() => mapOption(config, rows, ink), [config, rows, ink]);
  return <Chart option={option} label={label} config={config} rows={rows} columns={alternativeColumns(config, ["label", "latitude", "longitude"], ["size"])} onSelect={onSelect} rowIndex={rowIndexOf} />;
}
