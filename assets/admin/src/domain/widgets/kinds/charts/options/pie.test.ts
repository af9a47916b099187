import { describe, expect, it } from "vitest";
import { pieDrawing, pieSlices } from "./pie";
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
});
