import { describe, expect, it } from "vitest";
import { mix, problemOfColor, visibleColor } from "./chart-colors";
import { palette, type ColorScheme } from "./chart-theme";

type Triple = readonly [number, number, number];

/** Simulates how people without one cone type see linear RGB (Machado, Oliveira and Fernandes, 2009). */
const sights: Record<string, readonly [Triple, Triple, Triple]> = {
  full: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const linear = (channel: number) =>
  channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
const rgb = (hex: string): Triple =>
  [1, 3, 5].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255)) as unknown as Triple;
const dot = (a: Triple, b: Triple) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const luminance = (hex: string) => dot([0.2126, 0.7152, 0.0722], rgb(hex));

function lab(color: Triple): Triple {
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f(dot([0.4124, 0.3576, 0.1805], color) / 0.95047);
  const y = f(dot([0.2126, 0.7152, 0.0722], color));
  const z = f(dot([0.0193, 0.1192, 0.9505], color) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const pages: Record<ColorScheme, string> = { light: "#ffffff", dark: "#14171d" };

it("has the same hues on light and dark pages", () => {
  const hue = (hex: string) => {
    const [, a, b] = lab(rgb(hex));
    return { angle: (Math.atan2(b, a) * 180) / Math.PI, chroma: Math.hypot(a, b) };
  };
  palette.light.forEach((color, index) => {
    const [light, dark] = [hue(color), hue(palette.dark[index] ?? "")];
    // A grey has no hue.
    if (Math.min(light.chroma, dark.chroma) < 12) return;
    const distance = Math.abs(light.angle - dark.angle);
    expect(Math.min(distance, 360 - distance), color).toBeLessThan(25);
  });
});

describe.each(["light", "dark"] as const)("the %s palette", (scheme) => {
  const colors = palette[scheme];

  it("has eight colors with enough contrast to the page", () => {
    expect(colors).toHaveLength(8);
    for (const color of colors) expect(contrast(color, pages[scheme]), color).toBeGreaterThanOrEqual(3);
  });

  it.each(Object.entries(sights))("keeps its colors apart with %s sight", (_, matrix) => {
    const seen = colors.map((hex) =>
      lab(matrix.map((row) => Math.min(1, Math.max(0, dot(row, rgb(hex))))) as unknown as Triple),
    );
    const distances = seen.flatMap((a, index) =>
      seen.slice(index + 1).map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])),
    );
    expect(Math.min(...distances)).toBeGreaterThan(20);
  });
});

describe("other colors", () => {
  it("must be visible on light and dark pages", () => {
    expect(["#2f7fc1", "#C8502A"].map(problemOfColor)).toEqual([null, null]);
    expect(["#ffd400", "#1f2a8f", "red"].map(problemOfColor)).toEqual([
      "This color is too light for light pages. Choose a darker one.",
      "This color is too dark for dark pages. Choose a lighter one.",
      "Enter a color such as #2f7fc1.",
    ]);
  });

  it("have a visible neighbor", () => {
    for (const color of ["#ffffff", "#000000", "#ffd400", "#1f2a8f", "#00ff00"])
      expect(problemOfColor(visibleColor(color)), color).toBeNull();
    expect(visibleColor("#2f7fc1")).toBe("#2f7fc1");
  });

  it("blend", () => {
    expect([
      mix("#000000", "#ffffff", 0),
      mix("#000000", "#ffffff", 0.5),
      mix("#102030", "#ffffff", 1),
    ]).toEqual(["#000000", "#808080", "#ffffff"]);
  });
});
