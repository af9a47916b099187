export type ColorScheme = "light" | "dark";

/**
 * Eight colours in a fixed order. They stay apart for protanopes, deuteranopes and tritanopes, and
 * stand out at least 3 : 1 from the page; the tests measure both.
 */
export const palette: Record<ColorScheme, readonly string[]> = {
  light: ["#394be1", "#d08406", "#187b62", "#b566b0", "#4495ff", "#662923", "#705e00", "#39455a"],
  dark: ["#4b8dfb", "#efb438", "#24e1a5", "#c562b5", "#b0dfff", "#c4502f", "#e4fc9a", "#81736a"],
};

const inks = {
  light: { text: "#191e29", muted: "#5f6879", line: "#e6e9ee", page: "#ffffff", shadow: "rgba(25, 30, 41, 0.12)" },
  dark: { text: "#dce0e8", muted: "#99a1b0", line: "#272c37", page: "#1b1f27", shadow: "rgba(0, 0, 0, 0.5)" },
};

/** ECharts' theme in the colours of the app. */
export function chartTheme(scheme: ColorScheme): object {
  const ink = inks[scheme];
  const axis = {
    axisLine: { lineStyle: { color: ink.line } },
    axisTick: { show: false },
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
    legend: { textStyle: { color: ink.muted, fontSize: 12 }, icon: "roundRect", itemWidth: 10, itemHeight: 10, inactiveColor: ink.line, pageTextStyle: { color: ink.muted }, pageIconColor: ink.muted, pageIconInactiveColor: ink.line },
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
    pie: { itemStyle: { borderColor: ink.page, borderWidth: 1 }, label: { color: ink.text }, labelLine: { lineStyle: { color: ink.muted } } },
  };
}
