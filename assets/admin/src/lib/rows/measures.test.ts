import { expect, it } from "vitest";
import { codesOf, isLatitudeName, isLongitudeName, measuresOf } from "./measures";

const split = (types: Record<string, string>) => {
  const columns = Object.entries(types).map(([name, type]) => ({ name, type }));
  return [measuresOf(columns, []), codesOf(columns, [])];
};

it("finds the amounts of a table of stores", () => {
  const stores = {
    store_id: "integer",
    name: "text",
    postcode: "integer",
    latitude: "double precision",
    longitude: "double precision",
    opened_year: "smallint",
    area_sqm: "numeric",
    revenue: "numeric",
  };
  expect(split(stores)[0]).toEqual(["area_sqm", "revenue"]);
});

it("finds the amounts of German tables", () => {
  const filialen = {
    Filialnummer: "integer",
    Ort: "text",
    PLZ: "integer",
    Breitengrad: "double",
    Längengrad: "double",
    Eröffnungsjahr: "year",
    Mitarbeiterzahl: "int",
    Umsatz: "decimal(10,2)",
  };
  expect(split(filialen)[0]).toEqual(["Mitarbeiterzahl", "Umsatz"]);
  const rechnungen = {
    RechnungsNr: "int",
    kunden_nr: "int",
    Kundennummer: "int",
    geschaefts_jahr: "int",
    Baujahr: "int",
    postleitzahl: "int",
    geo_breite: "double",
    geo_laenge: "double",
    Breite: "double",
    Länge: "double",
    Anzahl: "int",
    Betrag: "numeric",
  };
  expect(split(rechnungen)[0]).toEqual(["Breite", "Länge", "Anzahl", "Betrag"]);
});

it("knows identifiers and codes in several spellings, and amounts that only look alike", () => {
  const codes = [
    "id",
    "orderID",
    "customerId",
    "order_number",
    "invoice no",
    "ZipCode",
    "geoLat",
    "pos_y_coordinate",
  ];
  const amounts = [
    "paid",
    "latency",
    "valid",
    "yearly",
    "years",
    "total_number",
    "height",
    "width",
    "altitude",
    "age",
  ];
  const types = Object.fromEntries([...codes, ...amounts].map((name) => [name, "integer"]));
  const [measures = [], others = []] = split({ ...types, how_long: "integer" });
  expect(measures).toEqual([...amounts, "how_long"]);
  expect(others).toEqual(codes);
});

it("skips columns whose type is no amount", () => {
  expect(split({ built: "year", row: "serial", size: "integer" })).toEqual([["size"], ["row"]]);
});

it("knows the two coordinates of a place", () => {
  for (const name of ["lat", "Latitude", "geo_lat", "Breitengrad", "geo_breite"])
    expect(isLatitudeName(name), name).toBe(true);
  for (const name of ["lon", "lng", "long", "Longitude", "gps_lng", "Längengrad", "geo_länge"])
    expect(isLongitudeName(name), name).toBe(true);
  for (const name of ["plat", "Breite", "latest", "belong"])
    expect(isLatitudeName(name) || isLongitudeName(name), name).toBe(false);
});
