import { describe, expect, it } from "vitest";
import { inks } from "../chart-theme";
import { within } from "../use-map-view";
import { extentOf, mapDrawing, mapPoints } from "./map";
import { seenColumns } from "./shared";
import { built } from "./testing";

describe("maps", () => {
  it("cannot be zoomed out or panned beyond the whole map", () => {
    const europe = [
      [-10, 60],
      [30, 35],
    ] as const satisfies Parameters<typeof within>[1];
    expect(within({ center: [90, 10], zoom: 0.2 }, europe)).toEqual({ center: [30, 35], zoom: 1 });
    expect(within({ center: [5, 50], zoom: 1000 }, europe)).toEqual({ center: [5, 50], zoom: 32 });
    expect(within({ center: null, zoom: 2 }, europe)).toEqual({ center: null, zoom: 2 });
  });

  const config = { latitude: "lat", longitude: "lon", label: "city" };
  const rows = [
    { city: "Berlin", lat: 52.5, lon: "13.4" },
    { city: "Nowhere", lat: 99, lon: 0 },
    { city: "Paris", lat: 48.9, lon: 2.3 },
  ];

  it("show rows with a valid location", () => {
    expect(mapPoints(config, rows).map(({ name, value, row }) => [name, value, row])).toEqual([
      ["Berlin", [13.4, 52.5, null], 0],
      ["Paris", [2.3, 48.9, null], 2],
    ]);
    expect(mapDrawing(config, [{ lat: null, lon: 1 }], [], inks.light)).toHaveProperty("missing");
  });

  it("show the surroundings of the points, or the world", () => {
    const [[west, north], [east, south]] = extentOf(mapPoints(config, rows));
    expect([west < 2.3, east > 13.4, south < 48.9, north > 52.5]).toEqual([true, true, true, true]);
    expect(built(mapDrawing({ ...config, extent: "world" }, rows, [], inks.light))).toMatchObject({
      geo: {
        boundingCoords: [
          [-170, 80],
          [190, -57],
        ],
      },
    });
  });
});

it("names the columns of the table behind a chart", () => {
  expect(seenColumns({ x: "month", series: [{ field: "a", label: "A" }] }, ["x"], ["series"])).toEqual([
    { field: "month", label: "month", figure: false },
    { field: "a", label: "A", figure: true },
  ]);
  expect(seenColumns({ label: "n", value: "v" }, ["label", "group"], ["value"])).toEqual([
    { field: "n", label: "n", figure: false },
    { field: "v", label: "v", figure: true },
  ]);
});
