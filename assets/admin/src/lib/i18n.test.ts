import { i18n } from "@lingui/core";
import { plural, t } from "@lingui/core/macro";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { bestLanguage, inLanguage, language, loadLanguage, region, regionOf, serverText } from "./i18n";

// The catalog is large, and is compiled when it is first requested.
beforeAll(() => loadLanguage("de").then(() => loadLanguage("en")), 30_000);
afterEach(() => loadLanguage("en"));

describe("language", () => {
  it("is the first that the browser prefers and the UI has", () => {
    expect([
      bestLanguage(["fr-FR", "de-AT", "en"]),
      bestLanguage(["EN-gb"]),
      bestLanguage(["fr"]),
      bestLanguage([]),
    ]).toEqual(["de", "en", "en", "en"]);
  });

  it("is the browser's own where storage is blocked, as in another site's frame", async () => {
    vi.spyOn(window, "localStorage", "get").mockImplementation(() => {
      throw new DOMException("Access is denied for this document.", "SecurityError");
    });
    vi.spyOn(navigator, "languages", "get").mockReturnValue(["de-AT", "en"]);
    await loadLanguage();
    expect([language(), region()]).toEqual(["de", "de-AT"]);
  });

  it("keeps the region of the browser if the language is the same", () => {
    expect([regionOf("de", ["en-US", "de-CH"]), regionOf("de", ["en-US"])]).toEqual(["de-CH", "de"]);
  });

  it("shows the texts of the source in English, and those of the catalog otherwise", async () => {
    const say = (rows: number[]) => [t`Save`, plural(rows.length, { one: "# row", other: "# rows" })];
    expect(say([1])).toEqual(["Save", "1 row"]);
    await loadLanguage("de");
    expect([language(), region(), i18n.locale, document.documentElement.lang]).toEqual([
      "de",
      "de",
      "de",
      "de",
    ]);
    expect(say(Array<number>(2000).fill(0))).toEqual(["Speichern", "2.000 Zeilen"]);
  });
});

describe("server texts", () => {
  const type = {
    type: "Data",
    name: "Query",
    category: "Data",
    schema: {
      title: "Table",
      properties: {
        description: { description: "A database file", default: "Table" },
        default: { title: "Table" },
      },
      enum: ["Table"],
    },
  };

  it("are unchanged in English, and where they have no translation", async () => {
    expect([inLanguage(type), serverText("Rows")]).toEqual([type, "Rows"]);
    await loadLanguage("de");
    expect(serverText("Frobnicate the widget")).toBe("Frobnicate the widget");
  });

  it("are translated: texts, never values and names", async () => {
    await loadLanguage("de");
    expect(inLanguage([type])).toEqual([
      {
        type: "Data",
        name: "Abfrage",
        category: "Daten",
        schema: {
          title: "Tabelle",
          properties: {
            description: { description: "Eine Datenbankdatei", default: "Table" },
            default: { title: "Tabelle" },
          },
          enum: ["Table"],
        },
      },
    ]);
    expect(serverText("Owner")).toBe("Eigentümer");
  });
});
