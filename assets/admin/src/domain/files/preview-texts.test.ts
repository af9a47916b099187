import { afterAll, beforeAll, expect, it } from "vitest";
import { loadLanguage } from "@/lib/i18n";
import { noteText, problemText, suggestionText } from "./preview-texts";

beforeAll(() => loadLanguage("de"), 30_000);
afterAll(() => loadLanguage("en"));

it("are in the reader's language", () => {
  expect(suggestionText("Read the text as latin1")).toBe("Text als latin1 lesen");
  expect(suggestionText("Skip the first 2 lines: the table begins below them")).toBe(
    "Die ersten 2 Zeilen überspringen: Die Tabelle beginnt darunter",
  );
  expect(suggestionText("Read dates as day, month, year (Datum)")).toBe(
    "Datumsangaben als Tag, Monat, Jahr lesen (Datum)",
  );
  expect(suggestionText("Leave out 1 empty row")).toBe("1 leere Zeile weglassen");
  expect(suggestionText("Leave out 12 empty rows")).toBe("12 leere Zeilen weglassen");
  expect(problemText("line 1 is not UTF-8: select the encoding, which may be latin1")).toBe(
    "Zeile 1 ist nicht in UTF-8. Wählen Sie die Kodierung aus, möglicherweise latin1.",
  );
  expect(noteText("3 of 12 000 values are not numbers: line 17 (n/a), line 203 (-), …")).toBe(
    "3 von 12 000 Werten haben nicht diesen Typ: Zeile 17 (n/a), Zeile 203 (-), …",
  );
});

it("are the server's where they are not known", () => {
  expect(suggestionText("Try something new")).toBe("Try something new");
});
