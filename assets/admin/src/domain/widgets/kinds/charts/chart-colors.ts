import { t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { toneOf, tones, type Tone } from "@/lib/format/tones";
import { isObject } from "@/lib/is-object";
import { columnFormat, toneIn } from "@/lib/format/columns";
import { cellText, columnNamed, type Row } from "@/lib/rows/cells";
import { inks, seriesColors, type Ink } from "./chart-theme";

/** The color of a mark: of the palette, of a status, or any other that is visible on light and dark pages. */
export type MarkColor = { palette: number } | { tone: Tone; shade?: number } | { hex: string };

export interface Colors {
  ink: Ink;
  palette: readonly string[];
}

const HEX = /^#[0-9a-f]{6}$/i;

export const isHex = (value: unknown): value is string => typeof value === "string" && HEX.test(value);

/** Returns the color that a setting names; null if it is automatic. */
export function colorOfSetting(value: unknown): MarkColor | null {
  const palette = seriesColors.findIndex((name) => name === value);
  return palette >= 0 ? { palette } : isHex(value) ? { hex: value.toLowerCase() } : null;
}

/**
 * Returns the color of a value: the one that the widget sets, else `series`, which it sets for a whole series, else the
 * one that the query declares. Null if it is automatic.
 */
export function colorOfValue(
  config: JsonObject,
  column: Column,
  value: unknown,
  series?: unknown,
): MarkColor | null {
  const [own, key] = [config["colors"], cellText(value)];
  const set = isObject(own) && Object.hasOwn(own, key) ? colorOfSetting(own[key]) : null;
  if (set) return set;
  const tone = column.colors?.[key];
  return colorOfSetting(series) ?? (tone && tones.includes(tone) ? { tone: toneOf(tone) } : null);
}

/** The number of shades of a tone. More values repeat them. */
const SHADES = 4;

/** Returns the shade of each status, by its text. Marks have no text, so statuses of the same tone get different shades. */
function shadesOf(
  rows: readonly Row[],
  field: string,
  toned: (value: unknown) => Tone | undefined,
): ReadonlyMap<string, number> {
  const shades = new Map<string, number>();
  const used = new Map<Tone, number>();
  for (const key of [...new Set(rows.map((row) => cellText(row[field])))].sort()) {
    const tone = toned(key);
    if (!tone) continue;
    shades.set(key, used.get(tone) ?? 0);
    used.set(tone, (used.get(tone) ?? 0) + 1);
  }
  return shades;
}

/** Returns the color of each value of a column: that of its badge, if its values are statuses. */
export function valueColors(
  config: JsonObject,
  columns: readonly Column[],
  field: string,
  rows: readonly Row[],
): (value: unknown, series?: unknown) => MarkColor | null {
  const column = columnNamed(columns, field);
  const format = columnFormat(columns, field, rows);
  const toned = toneIn(format);
  // A result may have very many rows, of which only statuses need shades.
  const shades = format.isStatus ? shadesOf(rows, field, toned) : new Map<string, number>();
  return (value, series) => {
    const set = colorOfValue(config, column, value, series);
    const tone = set ? undefined : toned(value);
    return tone ? { tone, shade: (shades.get(cellText(value)) ?? 0) % SHADES } : set;
  };
}

export function hexOf(color: MarkColor, { ink, palette }: Colors): string {
  if ("hex" in color) return color.hex;
  if ("palette" in color) return palette[color.palette] ?? ink.text;
  const hex = ink.tones[color.tone];
  const shaded: readonly (readonly [string, number])[] = [
    [hex, 0],
    [ink.page, 0.4],
    [ink.text, 0.4],
    [ink.page, 0.65],
  ];
  return mix(hex, ...(shaded[color.shade ?? 0] ?? [hex, 0]));
}

/** Blends two colors, both as `#rrggbb`. */
export function mix(from: string, to: string, share: number): string {
  const [start, end] = [channelsOf(from), channelsOf(to)];
  const mixed = start.map((channel, at) => Math.round(channel + ((end[at] ?? 0) - channel) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

const channelsOf = (hex: string): number[] =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

const linear = (channel: number) =>
  channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;

/** Returns the relative luminance in sRGB, from 0 to 1 (WCAG 2.2). */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = channelsOf(hex).map((channel) => linear(channel / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Returns the contrast of two colors, from 1 to 21 (WCAG 2.2). */
function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** The least contrast of a mark to the page: the server checks it, too. */
const LEAST = 3;

/** Returns why a color cannot be used; null if it is visible on light and dark pages. */
export function problemOfColor(hex: string): string | null {
  if (!isHex(hex)) return t`Enter a color such as #2f7fc1.`;
  if (contrast(hex, inks.light.page) < LEAST)
    return t`This color is too light for light pages. Choose a darker one.`;
  return contrast(hex, inks.dark.page) < LEAST
    ? t`This color is too dark for dark pages. Choose a lighter one.`
    : null;
}

const STEPS = 100;

/** Returns the closest visible color of the same hue: darker or lighter. */
export function visibleColor(hex: string): string {
  const to = contrast(hex, inks.light.page) < LEAST ? "#000000" : "#ffffff";
  for (let step = 0; step <= STEPS; step += 1) {
    const mixed = mix(hex, to, step / STEPS);
    if (problemOfColor(mixed) === null) return mixed;
  }
  return hex;
}
