import type { Tone } from "@/lib/format/tones";

export type ColorScheme = "light" | "dark";

/**
 * Eight colors in a fixed order, of the same hues on light and dark pages. They are distinguishable for people with protanopia, deuteranopia and tritanopia, and
 * have a contrast of at least 3 : 1 to the page; the tests measure both.
 */
export const palette: Record<ColorScheme, readonly string[]> = {
  light: ["#394be1", "#c87f10", "#046648", "#973989", "#389cd5", "#b20505", "#848c53", "#2b3241"],
  dark: ["#5b7bf5", "#fca32b", "#33b68a", "#bd58b1", "#a8dafc", "#be2f2a", "#dce49e", "#61656b"],
};

/** The names of the palette's colors in configs. */
export const seriesColors = ["blue", "orange", "teal", "pink", "sky", "red", "olive", "grey"] as const;
export type SeriesColor = (typeof seriesColors)[number];

export interface Ink {
  text: string;
  muted: string;
  line: string;
  /** Land on a map, the empty part of a gauge. */
  ground: string;
  page: string;
  shadow: string;
  /** From low to high. */
  ramp: readonly string[];
  tones: Record<Tone, string>;
}

export const inks: Record<ColorScheme, Ink> = {
  light: {
    text: "#191e29",
    muted: "#5f6879",
    line: "#e6e9ee",
    ground: "#e6e9ee",
    page: "#ffffff",
    shadow: "rgba(25, 30, 41, 0.12)",
    ramp: ["#eef1fd", "#c9d0fa", "#98a3f3", "#6471ea", "#394be1", "#1f2a8f"],
    tones: {
      green: "#1b7a3d",
      blue: "#1a66c2",
      violet: "#7a3fb8",
      amber: "#b86e00",
      red: "#c22d2d",
      grey: "#5f6879",
    },
  },
  dark: {
    text: "#dce0e8",
    muted: "#99a1b0",
    line: "#272c37",
    ground: "#2c323e",
    page: "#1b1f27",
    shadow: "rgba(0, 0, 0, 0.5)",
    ramp: ["#1e2634", "#213a66", "#28549c", "#3a72d4", "#6ba3fc", "#b9d6ff"],
    tones: {
      green: "#5fd18a",
      blue: "#74b3f7",
      violet: "#c39bf2",
      amber: "#f0b95a",
      red: "#ff8a8a",
      grey: "#99a1b0",
    },
  },
};

/** Returns an ECharts theme in the app's colors. */
export function chartTheme(scheme: ColorScheme): object {
  const ink = inks[scheme];
  const axis = {
    axisLine: { lineStyle: { color: ink.line } },
    axisTick: { show: false },
    nameTextStyle: { color: ink.muted, fontSize: 12 },
    axisLabel: { color: ink.muted, fontSize: 12, hideOverlap: true },
    splitLine: { lineStyle: { color: ink.line } },
  };
  return {
    color: [...palette[scheme]],
    backgroundColor: "transparent",
    textStyle: { fontFamily: '"Inter Variable", system-ui, sans-serif', fontSize: 12, color: ink.text },
    categoryAxis: { ...axis, splitLine: { show: false } },
    timeAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    logAxis: { ...axis, axisLine: { show: false } },
    legend: {
      textStyle: { color: ink.muted, fontSize: 12 },
      icon: "roundRect",
      itemWidth: 10,
      itemHeight: 10,
      inactiveColor: ink.line,
      pageTextStyle: { color: ink.muted },
      pageIconColor: ink.muted,
      pageIconInactiveColor: ink.line,
    },
    tooltip: {
      backgroundColor: ink.page,
      borderColor: ink.line,
      borderWidth: 1,
      padding: [6, 10],
      textStyle: { color: ink.text, fontSize: 12 },
      extraCssText: `border-radius: 6px; box-shadow: 0 4px 16px ${ink.shadow}; font-variant-numeric: tabular-nums;`,
      axisPointer: { lineStyle: { color: ink.muted }, crossStyle: { color: ink.muted } },
    },
    line: { symbol: "circle", symbolSize: 5, lineStyle: { width: 2 }, smooth: false },
    bar: { itemStyle: { borderRadius: 2 } },
    pie: {
      itemStyle: { borderColor: ink.page, borderWidth: 1 },
      label: { color: ink.text },
      labelLine: { lineStyle: { color: ink.muted } },
    },
  };
}
