import { describe, expect, it } from "vitest";
import { pieDrawing, pieSlices } from "./pie";
import { inks, palette } from "../chart-theme";
import { built, drawn } from "./testing";

describe("pies", () => {
  const rows = Array.from({ length: 20 }, (_, index) => ({ name: `n${index}`, size: index }));

  it("put the largest first and merge the many small ones", () => {
    const slices = pieSlices(rows, "name", "size");
    expect(slices).toHaveLength(8);
    expect(slices[0]).toEqual({ name: "n19", value: 19, exact: 19, row: 19 });
    expect(slices.at(-1)).not.toHaveProperty("row");
    expect(slices.at(-1)?.name).toBe("Other (12)");
    expect(slices.reduce((sum, { value }) => sum + value, 0)).toBe(190);
  });

  it("skip invalid values, with a note", () => {
    const rows = [
      { n: "a", v: 0 },
      { n: "b", v: null },
      { n: null, v: 2 },
    ];
    expect(pieSlices(rows, "n", "v")).toEqual([{ name: "–", value: 2, exact: 2, row: 2 }]);
    expect(drawn(pieDrawing({ label: "n", value: "v" }, rows)).notes).toEqual([
      "1 row without a value in “v” is not shown.",
    ]);
    expect(
      pieDrawing({ label: "n", value: "v" }, [
        { n: "a", v: -1 },
        { n: "b", v: 2 },
      ]),
    ).toHaveProperty("missing");
  });

  it("sum equal names exactly, whatever their labels are", () => {
    const rows = [
      { n: "a", v: 0.1 },
      { n: "b", v: 1 },
      { n: "a", v: "0.2" },
      { n: null, v: 2 },
      { n: "", v: 3 },
      { n: "–", v: 4 },
    ];
    expect(pieSlices(rows, "n", "v").map(({ name, exact }) => [name, exact])).toEqual([
      ["–", 4],
      ["(empty)", 3],
      ["–", 2],
      ["b", 1],
      ["a", 0.3],
    ]);
    expect(drawn(pieDrawing({ label: "n", value: "v" }, rows)).notes).toEqual([
      "Rows with the same n are summed.",
    ]);
  });

  it("label every slice without paging", () => {
    const option = built(pieDrawing({ label: "name", value: "size" }, rows)) as unknown as {
      legend: { type: string; data: string[] };
    };
    expect([option.legend.type, option.legend.data.length]).toEqual(["plain", 8]);
  });

  it("escape names in the tooltip", () => {
    const option = built(pieDrawing({ label: "n", value: "v" }, [{ n: "<img src=x>", v: 1 }])) as unknown as {
      tooltip: { formatter: (slice: object) => string };
    };
    expect(
      option.tooltip.formatter({ marker: "", name: "<img src=x>", value: 1, percent: 100 }),
    ).not.toContain("<img");
  });

  const names = (config: object, given: Record<string, unknown>[] = rows) =>
    pieSlices(given, "name", "size", { ...config }).map(({ name }) => name);
  const some = [
    { name: "b", size: 2 },
    { name: "c", size: 1 },
    { name: "a", size: 3 },
  ];

  it("are in the configured order, up to the limit", () => {
    expect(["rows", "axis", "largest", "smallest"].map((order) => names({ order }, some).join(""))).toEqual([
      "bca",
      "abc",
      "abc",
      "cba",
    ]);
    expect(names({ limit: 2 }, some)).toEqual(["a", "b", "Other (1)"]);
    expect(names({ limit: 2, other: false }, some)).toEqual(["a", "b"]);
    expect(names({ limit: 12, order: "smallest" }).slice(0, 2)).toEqual(["n8", "n9"]);
  });

  const of = (config: object, given: Record<string, unknown>[] = rows, truncated = false) =>
    drawn(
      pieDrawing({ label: "name", value: "size", ...config }, given, [], {
        ink: inks.light,
        palette: palette.light,
        truncated,
      }),
    );

  it("say that they have too many parts, or that parts are missing", () => {
    expect(of({ limit: 12 }).notes).toEqual([
      "13 parts are hard to compare, and colors repeat. Lower the limit, or use a bar chart.",
    ]);
    expect(of({ limit: 1 }).notes).toEqual([
      "“Other” combines 18 parts and is the largest. Raise the limit, or use a bar chart.",
    ]);
    expect(of({ limit: 3, other: false }).notes).toEqual([
      "16 smaller parts are not shown, so percentages are of the shown ones. Turn on “Other”.",
    ]);
    expect(of({}, some, true).notes).toEqual([
      "Only the first 3 rows were loaded, so values may be too low. Aggregate in the query, or raise its row limit.",
    ]);
  });

  it("have labels, colors, and a legend in its place", () => {
    const option = (config: object) =>
      of(config, some).option as unknown as {
        series: { label: { show: boolean; formatter: (slice: object) => string }; data: object[] }[];
        media: { option: { legend: object } }[];
      };
    const written = (labels: string) =>
      option({ labels, format: "number" }).series[0]?.label.formatter({
        name: "a",
        data: { value: 3 },
        percent: 50,
      });
    expect(["name", "value", "percent"].map(written)).toEqual(["a", "3", "50%"]);
    expect(option({}).series[0]?.label).toEqual({ show: false });
    expect(option({ colors: { b: "#2f7fc1" } }).series[0]?.data).toMatchObject([
      { name: "a" },
      { name: "b", itemStyle: { color: "#2f7fc1" } },
      { name: "c" },
    ]);
    const legend = (config: object) => option(config).media[0]?.option.legend;
    expect([legend({}), legend({ legend: "top" }), legend({ labels: "name" })]).toMatchObject([
      { orient: "vertical" },
      { top: 0 },
      { show: false },
    ]);
  });
});
