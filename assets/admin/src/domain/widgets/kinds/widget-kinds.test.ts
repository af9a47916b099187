import { describe, expect, it } from "vitest";
import { escapeMarkdown, renderMarkdown } from "@/ui/text/markdown";
import { actionOf, fieldBehind, refusalOf } from "./actions/action-config";
import { inks } from "./charts/chart-theme";
import { pictureAddress, safeAddress, selectionOf } from "./config";
import { checkForm, formFields, startValues } from "./actions/form/form-fields";
import { frameDocument } from "./content/frame-document";
import { parsed } from "./data/json";
import { beforeOf } from "./data/number";
import { choicesFor } from "./inputs/select-input";
import { sparkPath } from "./data/sparkline";
import { inTime } from "./data/timeline";
import { outcomeOf, outcomeOfSequence } from "./actions/outcome";

describe("actions", () => {
  const action = actionOf({
    type: "query",
    queryID: "q",
    values: { order: "{{ form.number }}", note: "No. {{ form.number }}" },
  });

  it("are none until something is selected", () => {
    expect([
      actionOf(null),
      actionOf({ type: "query" }),
      actionOf({ type: "workflow", queryID: "q" }),
    ]).toEqual([null, null, null]);
    expect(actionOf({ type: "workflow", workflowID: "w" })).toEqual({
      type: "workflow",
      id: "w",
      values: {},
      path: "config.action",
    });
  });

  it("require the reader's own permission to run what they run", () => {
    const may =
      (...permissions: string[]) =>
      (permission: string) =>
        permissions.includes(permission);
    const flow = { type: "workflow", id: "w", values: {}, path: "config.action" } as const;
    expect(action && refusalOf(action, may("dataquery:execute"))).toBeNull();
    expect(action && refusalOf(action, may("workflow:execute"))).toBe("Your role cannot run queries.");
    expect(refusalOf(flow, may("dashboard:use"), true)).toBeNull();
    expect(refusalOf(flow, may(), true)).toBe("Your role can only view dashboards.");
    expect(refusalOf(flow, may("dashboard:use"))).toBe("Your role cannot start workflows.");
    expect([refusalOf(flow, may("workflow:execute")), refusalOf(flow, may("dataquery:execute"))]).toEqual([
      null,
      "Your role cannot start workflows.",
    ]);
  });

  it("map an invalid value back to its form field", () => {
    expect(
      action &&
        ["parameters.order", "order", "parameters.note", "parameters.other"].map((path) =>
          fieldBehind(action, path),
        ),
    ).toEqual(["number", "number", null, null]);
  });

  it("report what a query did, and that it did nothing", () => {
    const said = [
      { affectedRows: 1, rowCount: 0 },
      { affectedRows: 1, rowCount: 0, rowChange: "changed" as const },
      { affectedRows: 1, rowCount: 0, rowChange: "deleted" as const },
      { affectedRows: 4, rowCount: 0, rowChange: "deleted" as const },
      { affectedRows: 2, rowCount: 2, rowChange: "added" as const },
      { affectedRows: null, rowCount: 3 },
      { affectedRows: null, rowCount: 0 },
    ].map((result) => outcomeOf(result));
    expect(said).toEqual(
      [
        "1 row changed.",
        "1 row changed.",
        "1 row deleted.",
        "4 rows deleted.",
        "2 rows added.",
        "3 rows returned.",
        "Done.",
      ].map((message) => ({ kind: "done", message })),
    );
    expect(outcomeOf({ affectedRows: 0, rowCount: 0 }, "Saved.")).toMatchObject({ kind: "unchanged" });
    expect(outcomeOf({ affectedRows: 0, rowCount: 0, rowChange: "deleted" })).toMatchObject({
      kind: "unchanged",
    });
    expect(outcomeOf({ affectedRows: 2, rowCount: 0 }, "Saved.")).toEqual({
      kind: "done",
      message: "Saved.",
    });
  });
});

describe("actions in sequence", () => {
  const step = (affectedRows: number | null, rowChange: "added" | "deleted" | null = null) => ({
    action: "config.action",
    affectedRows,
    rowChange,
    rowCount: 0,
    durationMs: 1,
    instanceID: null,
  });
  const said = (steps: (number | null)[], failed: [action: string, code: string] | null, notStarted = 0) =>
    outcomeOfSequence({
      type: "sequence",
      steps: steps.map((rows) => step(rows)),
      failed: failed && { action: failed[0], code: failed[1], message: "no such table" },
      notStarted,
    });

  it("report which one failed, and what was done", () => {
    expect(said([1, 2, null], null)).toEqual({ kind: "done", message: "3 rows changed." });
    const together = (steps: ReturnType<typeof step>[]) =>
      outcomeOfSequence({ type: "sequence", steps, failed: null, notStarted: 0 });
    expect(together([step(1, "deleted"), step(0), step(2, "deleted")])).toMatchObject({
      message: "3 rows deleted.",
    });
    expect(together([step(1, "added"), step(2, "deleted")])).toMatchObject({ message: "3 rows changed." });
    expect(said([], ["config.action", "X"], 2)).toMatchObject({
      kind: "failed",
      error: new Error("Action 1 failed: no such table"),
    });
    expect(said([1, 1], ["config.rowActions[0].then[1]", "X"])).toMatchObject({
      error: new Error("The first 2 actions were completed, but action 3 failed: no such table"),
    });
    expect(said([0], ["config.action", "NO_ROWS_CHANGED"], 1)).toEqual({
      kind: "unchanged",
      message: "Action 1 changed no rows, so the action after it was not started.",
    });
  });
});

describe("forms", () => {
  const fields = formFields({
    fields: [
      { name: "order_no", type: "number", required: true, min: 1 },
      { name: "mail", type: "email" },
      { name: "kind", type: "select", options: ["a", "b"], default: "b" },
      { name: "sure", type: "boolean", required: true },
      { name: "note", min: 3, default: "{{ vars.region }}" },
      { label: "without a name" },
    ],
  });

  it("derive labels from field names", () => {
    expect(fields.map(({ label }) => label)).toEqual(["Order no", "Mail", "Kind", "Sure", "Note"]);
  });

  it("start with the row, then the defaults", () => {
    expect(startValues(fields, undefined, { vars: { region: "EU" } })).toEqual({
      kind: "b",
      sure: false,
      note: "EU",
    });
    expect(
      startValues(fields, { order_no: "7", kind: "c", sure: 1 }, {}),
      "what the row has is not replaced",
    ).toEqual({ order_no: 7, kind: "c", sure: true });
    expect(startValues(fields, { order_no: "9007199254740993" }, {})).toMatchObject({
      order_no: "9007199254740993",
    });
  });

  it("keep what the row has, although no input can show it", () => {
    const types = { day: "date", at: "moment", due: "dateTime", opens: "time", total: "number" };
    const odd = formFields({ fields: Object.entries(types).map(([name, type]) => ({ name, type })) });
    const row = {
      day: "0044-03-15 BC",
      at: "infinity",
      due: 1700000000,
      opens: "-838:59:59.999",
      total: "NaN",
    };
    expect(startValues(odd, row, {})).toEqual(row);
    expect(checkForm(odd, row, row)).toEqual({});
    expect(Object.keys(checkForm(odd, row))).toEqual(["day", "at", "due", "opens", "total"]);
  });

  it("report errors at each field", () => {
    expect(checkForm(fields, { mail: "nobody", kind: "z", sure: false, note: "ab" })).toEqual({
      order_no: "This field is required.",
      mail: "Enter a valid email address.",
      kind: "Select one of the allowed values.",
      sure: "This box must be checked.",
      note: "Must be at least 3 characters.",
    });
    expect(checkForm(fields, { order_no: 0, sure: true })).toEqual({ order_no: "Must be at least 1." });
    expect(checkForm(fields, { order_no: 1, sure: true, mail: "a@b.example" })).toEqual({});
  });
});

describe("URLs", () => {
  it("are limited to this server and https", () => {
    for (const fine of ["/a", "https://example.com/x?y=1"]) expect(safeAddress(fine)).toBe(fine);
    for (const wrong of [
      "javascript:alert(1)",
      "JAVASCRIPT:x",
      "//evil.example",
      "/\\evil.example",
      "http://a.example",
      "data:text/html,x",
      " ",
      null,
      5,
      "https://a b",
    ])
      expect(safeAddress(wrong), String(wrong)).toBeNull();
  });

  it("may be data URLs, but only of images", () => {
    expect(pictureAddress("data:image/png;base64,AA==")).not.toBeNull();
    expect([pictureAddress("data:text/html;base64,AA=="), pictureAddress("data:image/png.html,x")]).toEqual([
      null,
      null,
    ]);
  });
});

describe("a frame's document", () => {
  const scope = { row: { name: "<img src=x onerror=alert(1)>" } };

  it("escapes values and has a policy without scripts", () => {
    const text = frameDocument("<b>{{ row.name }}</b>", scope, { scheme: "dark", ink: inks.dark });
    expect(text).toContain("<b>&#60;img src=x onerror=alert(1)&#62;</b>");
    expect(text).toMatch(/default-src 'none';(?!.*script-src)/);
    expect(text.indexOf("Content-Security-Policy")).toBeLessThan(text.indexOf("<b>"));
  });
});

it("escapes values in Markdown", () => {
  const html = renderMarkdown(`Hello ${escapeMarkdown("*Ada* [x](https://evil.example) <b>\n# a")}`);
  expect(html).not.toMatch(/<(em|a|b|h2)/);
  expect(html).toContain("*Ada*");
});

it("compares a value with another column or with the previous row", () => {
  const rows = [
    { n: 1, old: 5 },
    { n: 2, old: 6 },
    { n: 3, old: 7 },
  ];
  expect([
    beforeOf({ field: "n", compareField: "old" }, rows),
    beforeOf({ field: "n", compareRow: true }, rows),
    beforeOf({ field: "n", compareRow: true, row: "last" }, rows),
  ]).toEqual([{ value: 5 }, { value: 2 }, { value: 2 }]);
  expect([
    beforeOf({ field: "n" }, rows),
    beforeOf({ field: "n", compareRow: true }, rows.slice(0, 1)),
  ]).toEqual([null, null]);
});

it("shows a sparkline, with gaps where there are no values", () => {
  expect(sparkPath([0, 10, null, 5])).toBe("M0 28L33.33 2M100 15");
  expect([sparkPath([1]), sparkPath([null, null, 2]), sparkPath([3, 3])]).toEqual(["", "", "M0 15L100 15"]);
});

it("sorts by time, rows without one last", () => {
  const rows = [
    { at: null, n: 0 },
    { at: "2026-01-02", n: 1 },
    { at: "2026-03-01T10:00:00Z", n: 2 },
  ];
  const order = (config: object) => inTime({ time: "at", ...config }, rows).map(({ n }) => n);
  expect([order({}), order({ oldestFirst: true })]).toEqual([
    [2, 1, 0],
    [1, 2, 0],
  ]);
});

it("offers each value once, in its own type", () => {
  expect(
    choicesFor({ options: [{ value: "a", label: "A" }], valueField: "v", labelField: "l" }, [
      { v: 1, l: "One" },
      { v: "a", l: "again" },
      { v: null },
      { v: 2 },
    ]),
  ).toEqual([
    { value: "a", key: "a", label: "A" },
    { value: 1, key: "1", label: "One" },
    { value: 2, key: "2", label: "2" },
  ]);
});

it("parses JSON in texts, and leaves other texts unchanged", () => {
  expect([parsed('{"a":1}'), parsed("[1"), parsed("12"), parsed(3)]).toEqual([{ a: 1 }, "[1", "12", 3]);
});

it("sets variables to the values of the selected row", () => {
  const config = {
    selects: [
      { variable: "region", field: "r" },
      { variable: "", field: "r" },
    ],
  };
  expect([selectionOf(config, { r: "EU" }), selectionOf(config, {}), selectionOf({}, { r: "EU" })]).toEqual([
    { region: "EU" },
    { region: null },
    null,
  ]);
});
