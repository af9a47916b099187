import { expect, it } from "vitest";
import type { AuditEntry } from "@/lib/api/model";
import { find, press, reads, serve, show } from "@/ui/testing";
import { ActionCell, TargetCell } from "./entry-cells";

const entry = (action: string, kind: string, details: unknown, actor = "user"): AuditEntry =>
  ({
    id: "e1",
    at: "2026-01-02T03:04:05.000Z",
    actor: { kind: actor, id: "u1", label: "Ada" },
    action,
    object: { kind, id: "o1", name: "Orders" },
    requestId: null,
    ip: null,
    details,
  }) as AuditEntry;

const cells = (one: AuditEntry) =>
  show(
    <>
      <ActionCell entry={one} />
      <TargetCell entry={one} />
    </>,
  );

it("tells from where data was changed, with which values, and how many rows", async () => {
  serve({});
  const from = { dashboard: "Sales", dashboardID: "d1", widget: "Refund", action: "config.action" };
  cells(entry("dataquery.change", "dataquery", { rows: 2, parameters: { id: 7 }, from }));
  expect((await find("a", "Sales")).getAttribute("href")).toBe("/t/t1/dashboards/d1");
  await reads("› Refund");
  await press("2 rows, show values");
  await reads("7");
});

it.each([
  ["user", "Query editor"],
  ["apiKey", "API"],
])("names the place of a direct execution by a %s", async (actor, place) => {
  serve({});
  cells(entry("dataquery.change", "dataquery", { rows: null, parameters: {}, from: null }, actor));
  await reads(place);
});

it("links to the run of a workflow", async () => {
  serve({});
  cells(entry("dataquery.change", "dataquery", { rows: 1, parameters: {}, from: { run: "r1" } }));
  expect((await find("a", "Workflow run")).getAttribute("href")).toBe("/t/t1/runs/r1");
});

it("shows the values before and after of rows that were changed in an editable table", async () => {
  serve({});
  const changes = [
    { update: { key: { id: 1 }, before: { name: "one" }, after: { name: "uno" } } },
    { insert: { values: { name: "new" } } },
    { delete: { key: { id: 2 }, before: { name: "two" } } },
  ];
  cells(
    entry("datasource.change", "datasource", {
      rows: 5,
      table: "items",
      changes,
      from: { dashboard: "Stock" },
    }),
  );
  await press("5 rows, show values");
  const texts = [...(await find("[role=group]", "Changed rows")).querySelectorAll("section")];
  expect(texts.map(({ textContent }) => textContent)).toEqual([
    "Changed id 1ColumnBeforeAfternameoneuno",
    "New row ColumnAfternamenew",
    "Deleted id 2ColumnBeforenametwo",
  ]);
  await reads("The values of 2 more rows are not kept.");
});

it("opens the version that an entry is about", async () => {
  const version = (number: number) => ({
    version: number,
    at: "2026-01-02T03:04:05.000Z",
    by: "Ada",
    name: "Orders",
    description: "",
    spec: { datasourceID: "s1", options: { sql: `select ${number}` }, parameters: [] },
  });
  serve({
    "GET data-queries/o1": () => ({ id: "o1", ...version(3), ...version(3).spec }),
    "GET data-queries/o1/versions": () => ({ items: [version(3), version(2), version(1)] }),
    "GET data-queries/o1/versions/1": () => version(1),
    "GET data-queries/o1/versions/2": () => version(2),
    "GET data-queries/o1/versions/3": () => version(3),
  });
  cells(entry("dataquery.update", "dataquery", { version: 2 }));
  await press("Version 2");
  await find("section[tabindex]", "Version 2");
});
