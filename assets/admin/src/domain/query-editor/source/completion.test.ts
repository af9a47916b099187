import {
  autocompletion,
  CompletionContext,
  currentCompletions,
  startCompletion,
  type CompletionSource,
} from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { describe, expect, it, vi } from "vitest";
import { unknownType } from "@/lib/api/unknown-type";
import { languageSupport } from "@/ui/code-editor/languages";
import { newParameter } from "../draft";
import { quoteOf } from "@/lib/sql/quote";
import { completeColumns, completeParameters, mentionedTables, sqlNames } from "./completion";

const column = (name: string, type = "int") => ({ name, type, nullable: false, primaryKey: false });
const schema = {
  items: [
    { kind: "table", schema: "public", name: "orders", columns: [column("id"), column("Total", "numeric")] },
    { kind: "table", schema: "public", name: "customers", columns: [column("email", "text")] },
    { kind: "table", schema: "audit", name: "log", columns: [column("at", "timestamptz")] },
  ],
};

/** Returns what one completion source offers at the `|`. */
async function offered(source: CompletionSource, text: string) {
  const at = text.indexOf("|");
  const state = EditorState.create({ doc: text.replace("|", "") });
  return (await source(new CompletionContext(state, at, true)))?.options.map(({ label }) => label) ?? null;
}

/** Returns what the SQL editor offers at the `|`. */
async function offeredByEditor(text: string) {
  const extensions = [languageSupport("sql", sqlNames(schema, '"')), autocompletion({ interactionDelay: 0 })];
  const view = new EditorView({
    state: EditorState.create({
      doc: text.replace("|", ""),
      selection: { anchor: text.indexOf("|") },
      extensions,
    }),
  });
  startCompletion(view);
  await vi.waitFor(() => expect(currentCompletions(view.state).length).toBeGreaterThan(0));
  const labels = currentCompletions(view.state).map(({ label }) => label);
  view.destroy();
  return labels;
}

describe("the SQL editor", () => {
  it("offers a table's columns after its name and after its alias", async () => {
    expect(await offeredByEditor("select orders.| from orders")).toEqual(["id", "Total"]);
    expect(await offeredByEditor("select o.| from orders o")).toEqual(["id", "Total"]);
  });

  it("offers common words only", async () => {
    expect(await offeredByEditor("select d|")).not.toContain("datalink");
    expect(await offeredByEditor("select di|")).toContain("distinct");
  });

  it("offers another schema's tables after its name", async () => {
    expect(await offeredByEditor("select * from audit.|")).toEqual(["log"]);
  });
});

describe("completeColumns", () => {
  it("offers the columns of the tables that the statement mentions", async () => {
    const source = completeColumns(schema, '"');
    expect(await offered(source, "select | from orders join customers on true")).toEqual([
      "id",
      "Total",
      "email",
    ]);
    expect(await offered(source, "select | from audit.log")).toEqual(["at"]);
    expect(await offered(source, "select |")).toEqual([]);
  });

  it("offers all columns after an alias that the statement has not explained yet", async () => {
    const source = completeColumns(schema, '"');
    expect(await offered(source, "select t.|")).toEqual(["id", "Total", "email", "at"]);
    expect(await offered(source, "select * from audit.|")).toBeNull();
  });

  it("offers nothing where a table or a parameter is expected", async () => {
    const source = completeColumns(schema, '"');
    expect(await offered(source, "select o.| from orders o")).toBeNull();
    expect(await offered(source, "select 1 from orders where id = {{ pa| }}")).toBeNull();
  });
});

it("recognizes quoted and qualified table names, in lists too", () => {
  const names = (sql: string) => mentionedTables(sql, schema.items).map(({ name }) => name);
  expect(names('select 1 from "Orders", customers')).toEqual(["orders", "customers"]);
  expect(names("update audit.log set at = now()")).toEqual(["log"]);
});

it("offers parameters within braces, and those with allowed values as identifiers too", async () => {
  const source = completeParameters([newParameter("from"), { ...newParameter("by"), allowed: ["id"] }]);
  expect(await offered(source, "where a = {{ |")).toEqual(["params.from", "params.by", "ident(params.by)"]);
  expect(await offered(source, "where a = |")).toBeNull();
  const list = completeParameters([{ ...newParameter("ids"), type: "array" }]);
  expect(await offered(list, "where a = any({{ |")).toEqual(["params.ids", "array(params.ids)"]);
});

it("uses the quote character from the type's schema", () => {
  const type = (sql: object) => ({
    ...unknownType("x"),
    queryOptionsSchema: { type: "object" as const, properties: { sql } },
  });
  expect([quoteOf(type({ "x-quote": "`" })), quoteOf(type({}))]).toEqual(["`", '"']);
});
