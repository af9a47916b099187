import { registerLocale } from "echarts/core";
import german from "echarts/lib/i18n/langDE.js";
import { language } from "@/lib/i18n";

registerLocale("DE", {
  ...german,
  aria: {
    ...german.aria,
    series: {
      ...german.aria.series,
      multiple: { ...german.aria.series.multiple, prefix: ". Es hat {seriesCount} Reihen." },
    },
  },
});

/** The language of month names and descriptions in charts. */
export const chartLocale = (): string => language().toUpperCase();
