// Which columns of a result hold amounts: what a chart draws if nothing else is selected.
import type { Column } from "@/lib/api/model";
import { isCodeName, wordsOfName } from "@/lib/format/figures";
import { isNumeric, type Row } from "./cells";
import { isPeriodNumber } from "./periods";

const LATITUDES = ["lat", "latitude", "breitengrad"];
const LONGITUDES = ["lon", "lng", "long", "longitude", "längengrad", "laengengrad"];
/** "Breite" and "Länge" are also sizes, but not in these names. */
const PLACE = /^(geo|gps|coord|position|standort|geografisch|geographisch|koordinate)/;
/** Coordinates of other systems. */
const COORDINATE = /^(coord(inate)?s?|koordinaten?|easting|northing|rechtswert|hochwert)$/;

/** Whether one of the words is a name of a coordinate that could not be anything else. */
function isPlaced(name: string, names: readonly string[], german: readonly string[]): boolean {
  const words = wordsOfName(name);
  const last = words.at(-1) ?? "";
  // "long" is a length in "how_long".
  if (names.includes(last)) return last !== "long" || words.length === 1 || PLACE.test(words[0] ?? "");
  return words.length > 1 && german.includes(last) && PLACE.test(words[0] ?? "");
}

/** Whether a column's name is that of a latitude. */
export const isLatitudeName = (name: string): boolean => isPlaced(name, LATITUDES, ["breite"]);

/** Whether a column's name is that of a longitude. */
export const isLongitudeName = (name: string): boolean => isPlaced(name, LONGITUDES, ["länge", "laenge"]);

const isCoordinateName = (name: string): boolean =>
  isLatitudeName(name) || isLongitudeName(name) || wordsOfName(name).some((word) => COORDINATE.test(word));

/** Whether the type of a column is that of years, identifiers or places. */
const isCodeType = (type: string): boolean => /^(year|uuid|oid|(big|small)?serial|point|geo)/i.test(type);

/** Whether the numbers of a column may be amounts: not identifiers, periods, postal codes and coordinates. */
const isAmount = (column: Pick<Column, "name" | "type">, rows: readonly Row[]): boolean =>
  !isCodeName(column.name) &&
  !isCoordinateName(column.name) &&
  !isCodeType(column.type) &&
  !isPeriodNumber(column, rows);

/** Returns the names of the columns with amounts. */
export const measuresOf = (columns: readonly Column[], rows: readonly Row[]): string[] =>
  columns.filter((column) => isNumeric(column, rows) && isAmount(column, rows)).map(({ name }) => name);

/** Returns the names of the columns with numbers that are not amounts: they name rows. */
export const codesOf = (columns: readonly Column[], rows: readonly Row[]): string[] =>
  columns.filter((column) => isNumeric(column, rows) && !isAmount(column, rows)).map(({ name }) => name);
