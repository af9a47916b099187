import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadLanguage } from "@/lib/i18n";
import { errorText, fieldText, runErrorText } from "./error-texts";
import { ApiError, isNowhere, messageOf, toApiError } from "../errors";

describe("texts of errors", () => {
  beforeAll(() => loadLanguage("de"));
  afterAll(() => loadLanguage("en"));

  it("are in the reader's language", () => {
    for (const [code, message, text] of [
      [
        "INVALID_LOGIN_CREDENTIALS",
        "wrong email address or password",
        "E-Mail-Adresse oder Passwort ist falsch.",
      ],
      [
        "RATE_LIMITED",
        "too many requests: try again later",
        "Zu viele Versuche. Versuchen Sie es später erneut.",
      ],
      ["CONFLICT", 'there is already a widget named "Sales"', "Der Name „Sales“ ist bereits vergeben."],
      [
        "CONFLICT",
        'it is used by the widget "Sales", the workflow "Daily" and 3 more: delete them first, or send ?cascade=true',
        'Wird noch verwendet von "Sales", "Daily" und 3 weiteren.',
      ],
      [
        "PERMISSION_DENIED",
        "your role does not include widget:create",
        "Ihre Rolle enthält die Berechtigung widget:create nicht.",
      ],
      [
        "PERMISSION_DENIED",
        "options: your role needs dataquery:execute to use this widget here or to change the values passed to it",
        "Ihre Rolle braucht die Berechtigung dataquery:execute.",
      ],
      [
        "INVALID_REQUEST",
        "table: there is already a table `sales`: choose another name, or append the rows to it",
        "table: Es gibt schon eine Tabelle sales. Geben Sie einen anderen Namen ein, oder fügen Sie die Zeilen an sie an.",
      ],
      [
        "DATASOURCE_ERROR",
        "line 7, column price: 1.239 has 3 decimal places: the column keeps 2. Correct the value, or choose another type for the column. Nothing was written.",
        "Zeile 7, Spalte price: 1.239 hat 3 Nachkommastellen, aber die Spalte speichert 2. Korrigieren Sie den Wert, oder wählen Sie einen anderen Typ für die Spalte. Es wurde nichts geschrieben.",
      ],
      [
        "DATASOURCE_ERROR",
        'row 7, column id ("A 1"): UNIQUE constraint failed: t.id. Correct the value, or change the type or the key of the table. Nothing was written.',
        'Zeile 7, Spalte id ("A 1"): UNIQUE constraint failed: t.id. Korrigieren Sie den Wert, oder ändern Sie den Typ oder den Schlüssel der Tabelle. Es wurde nichts geschrieben.',
      ],
      [
        "VALUE_MISSING",
        "waits for a value: `vars.region` is not set",
        "Wartet auf einen Wert: vars.region ist nicht gesetzt.",
      ],
      [
        "INVALID_REQUEST",
        "file.version: is 2, but this server reads version 1: update the server",
        "file.version: Die Datei hat die Version 2, dieser Server liest aber die Version 1. Aktualisieren Sie den Server.",
      ],
      ["NOT_FOUND", "widget not found", "Nicht gefunden. Möglicherweise wurde es gelöscht."],
      ["TIMEOUT", "the server did not respond within 30000 ms", "Keine Antwort innerhalb von 30000 ms."],
      ["DATASOURCE_ERROR", "TCP: connection refused", "Der Server ist nicht erreichbar: connection refused"],
      [
        "INVALID_REQUEST",
        "config.items[0].size: must be a whole number",
        "config.items[0].size: Muss eine ganze Zahl sein",
      ],
      ["INVALID_REQUEST", "parameters.least: must be a number", "„least“: Muss eine Zahl sein"],
      [
        "INVALID_REQUEST",
        "variables.least: is required (and 2 more)",
        "„least“: Dieses Feld ist erforderlich. (und 2 weitere)",
      ],
      [
        "CONFLICT",
        "Owner is built in: create a new role instead",
        "Owner ist eingebaut. Erstellen Sie stattdessen eine neue Rolle.",
      ],
      [
        "QUOTA_EXCEEDED",
        "the tenant's files would exceed the quota of 2 GiB: delete some",
        "Damit wäre das Kontingent von 2 GiB überschritten.",
      ],
      [
        "UNAVAILABLE",
        "the server's disk is full",
        "Die Festplatte des Servers ist voll. Bitten Sie den Betreiber, Platz zu schaffen.",
      ],
      [
        "INVALID_REQUEST",
        "name: must not be empty (and 2 more)",
        "name: Darf nicht leer sein (und 2 weitere)",
      ],
    ] as const)
      expect(errorText(code, message)).toBe(text);
    expect(
      ["is required", "must be a list", "must be a string", "must be true or false"].map(fieldText),
    ).toEqual([
      "Dieses Feld ist erforderlich.",
      "Muss eine Liste sein",
      "Muss Text sein",
      "Muss wahr oder falsch sein",
    ]);
  });

  it("name the place in a script", () => {
    expect(runErrorText("code: Error: no 3 (line 1, column 53)")).toBe("Error: no 3 (Zeile 1, Spalte 53)");
    expect(runErrorText("no such table: parts")).toBe("no such table: parts");
    expect(runErrorText("parameters.order: must be a number")).toBe("„order“: Muss eine Zahl sein");
  });

  it("stay as they are if they are not known", () => {
    expect(errorText("DATASOURCE_ERROR", 'relation "name: is required" does not exist')).toBe(
      'relation "name: is required" does not exist',
    );
    expect(fieldText("must be PEM-encoded certificates")).toBe("must be PEM-encoded certificates");
  });

  it("do not change the error's own message", async () => {
    const body = {
      error: {
        code: "NOT_FOUND",
        message: "widget not found",
        details: [{ path: "name", message: "must be a number" }],
      },
    };
    const error = await toApiError(new Response(JSON.stringify(body), { status: 404 }));
    expect([error.message, messageOf(error), error.details[0]?.message]).toEqual([
      "widget not found",
      "Nicht gefunden. Möglicherweise wurde es gelöscht.",
      "Muss eine Zahl sein",
    ]);
  });
});

it("a URL with an invalid ID leads nowhere, like one whose record does not exist", () => {
  expect(isNowhere(new ApiError(400, "INVALID_REQUEST", "dashboardID: must be a UUID"))).toBe(true);
  expect(isNowhere(new ApiError(404, "NOT_FOUND", "widget not found"))).toBe(true);
  expect(isNowhere(new ApiError(400, "INVALID_REQUEST", "name: is required"))).toBe(false);
});

it("names the setting of a file, not the option, where a value does not have the type of its column", () => {
  const message =
    'line 7, column price: "n/a" is not of the type real: correct the value, add it to `nulls`, or select the type text';
  expect(errorText("DATASOURCE_ERROR", message)).toBe(
    "Line 7, column price: “n/a” does not have the type of the column. Correct the value, add it to the “Missing values”, or select the type “Text”.",
  );
});
