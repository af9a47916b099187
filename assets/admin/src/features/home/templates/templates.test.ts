import { expect, test } from "vitest";
import type { Make } from "@/lib/api/make-all";
import { sampleOrders } from "./sample-orders";
import { templates } from ".";

/** Builds a template without a server; returns what it would create. */
async function buildOf(id: string) {
  const made: { kind: string; draft: Record<string, unknown> }[] = [];
  let last = 0;
  const make = (kind: string, draft: { name: string }) => {
    made.push({ kind, draft: { ...draft } });
    return Promise.resolve({ ...draft, id: `id${(last += 1)}` });
  };
  const opened = await templates
    .find((template) => template.id === id)
    ?.build({
      make: make as unknown as Make,
      run: () => Promise.resolve(),
      upload: () => Promise.resolve("file"),
    });
  return { made, opened };
}

test.each(templates.map(({ id, kinds }) => [id, kinds] as const))(
  "the template %s creates only what it says, and opens one of its records",
  async (id, kinds) => {
    const { made, opened } = await buildOf(id);
    expect(opened?.[1]).toMatch(/^id\d+$/);
    for (const { kind } of made) expect(kinds).toContain(kind);
    const names = made.map(({ kind, draft }) => `${kind} ${String(draft["name"])}`);
    expect(new Set(names).size).toBe(names.length);
  },
);

test("the widgets of the orders cover the same orders: their numbers agree", async () => {
  const { made } = await buildOf("orders");
  const sql = made
    .filter(({ kind }) => kind === "dataquery")
    .map(({ draft }) => String((draft["options"] as { sql: string }).sql));
  expect(sql).toHaveLength(4);
  for (const one of sql)
    expect(/where (.*)/.exec(one)?.[1]).toBe(
      "ordered_on >= date('now', '-' || {{ params.days }} || ' days')",
    );
  const widgets = made.filter(({ kind }) => kind === "widget");
  for (const { draft } of widgets)
    expect(draft["config"]).toMatchObject({ parameters: { days: "{{ vars.days }}" } });
});

test("every edge of the templates' workflows connects two of their steps", async () => {
  for (const { id } of templates) {
    const { made } = await buildOf(id);
    for (const { draft } of made.filter(({ kind }) => kind === "workflow")) {
      const { nodes, edges } = draft as {
        nodes: { id: string }[];
        edges: { source: string; target: string }[];
      };
      const ids = nodes.map((node) => node.id);
      for (const { source, target } of edges) expect(ids).toEqual(expect.arrayContaining([source, target]));
    }
  }
});

test("the sample orders end today, and are the same each time but for the dates", () => {
  const rows = (day: string) =>
    sampleOrders(new Date(day))
      .trim()
      .split("\n")
      .map((line) => line.split(","));
  const [head, ...orders] = rows("2026-05-31T12:00:00Z");
  expect(head).toEqual(["id", "ordered_on", "customer", "country", "status", "total"]);
  expect(orders.at(-1)?.[1]).toBe("2026-05-31");
  expect(orders[0]?.[1]).toBe("2025-05-31");
  expect(rows("2026-06-30T12:00:00Z").length).toBe(orders.length + 1);
});
