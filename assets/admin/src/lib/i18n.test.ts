import { i18n } from "@lingui/core";
import { plural, t } from "@lingui/core/macro";
import { afterEach, describe, expect, it } from "vitest";
import { bestLanguage, language, loadLanguage, region, regionOf } from "./i18n";

afterEach(() => loadLanguage("en"));

describe("language", () => {
  it("is the first that the browser prefers and the UI knows", () => {
    expect([bestLanguage(["fr-FR", "de-AT", "en"]), bestLanguage(["EN-gb"]), bestLanguage(["fr"]), bestLanguage([])]).toEqual(["de", "en", "en", "en"]);
  });

  it("keeps the region of the browser where the language is the same", () => {
    expect([regionOf("de", ["en-US", "de-CH"]), regionOf("de", ["en-US"])]).toEqual(["de-CH", "de"]);
  });

  it("shows the texts of the source in English, and those of the catalogue otherwise", async () => {
    const say = (rows: number[]) => [t`Save`, plural(rows.length, { one: "# row", other: "# rows" })];
    expect(say([1])).toEqual(["Save", "1 row"]);
    await loadLanguage("de");
    expect([language(), region(), i18n.locale, document.documentElement.lang]).toEqual(["de", "de", "de", "de"]);
    expect(say(Array<number>(2000).fill(0))).toEqual(["Speichern", "2.000 Zeilen"]);
  });
});
