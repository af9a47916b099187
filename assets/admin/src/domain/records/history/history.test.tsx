import { expect, it, vi } from "vitest";
import { failed, find, press, reads, serve, show, until } from "@/ui/testing";
import { History } from "./history";

const at = "2026-01-02T03:04:05.000Z";
const version = (number: number, sql: string, name = "Orders") => ({
  version: number,
  at,
  by: number === 2 ? "Bea" : "Ada",
  name,
  description: "",
  spec: { datasourceID: "d1", options: { sql }, parameters: [] },
});
const versions = [version(3, "select 3", "All orders"), version(2, "select 2"), version(1, "select 1")];
const record = { id: "q1", version: 3, name: "All orders", description: "", ...versions[0]?.spec };
const routes = {
  "GET data-queries/q1": () => record,
  "GET datasources/d1": () => ({ id: "d1", name: "Shop", type: "sql" }),
  "GET data-queries/q1/versions": () => ({ items: versions }),
  "GET data-queries/q1/versions/1": () => versions[2],
  "GET data-queries/q1/versions/2": () => versions[1],
  "GET data-queries/q1/versions/3": () => versions[0],
};

const open = () => {
  const onClose = vi.fn();
  show(<History kind="dataquery" id="q1" name="All orders" onClose={onClose} />);
  return onClose;
};
const entry = (number: number) =>
  until(() => {
    const entries = [...document.querySelectorAll<HTMLButtonElement>("button[aria-pressed]")];
    const found = entries.find(({ textContent }) => textContent?.startsWith(`v${number}`));
    if (!found) throw new Error(`no version ${number}`);
    return found;
  });

it("lists who changed what, and shows the differences of the newest version", async () => {
  serve(routes);
  open();
  await until(async () =>
    expect((await entry(3)).textContent).toContain("Name changed from “Orders” to “All orders”"),
  );
  expect((await entry(2)).textContent).toContain("by Bea");
  expect((await entry(1)).textContent).toContain("Created");
  const details = await find("section[tabindex]", "Version 3");
  await until(() => expect(details.querySelector("ins")?.textContent).toBe("select 3"));
  expect(details.textContent).not.toContain("Restore this version");
});

it("names members, with their addresses, and shows others as they are", async () => {
  const saved = versions.map((one) => ({ ...one, by: one.version === 2 ? "API key CI" : "ada@example.com" }));
  serve(
    {
      ...routes,
      "GET data-queries/q1/versions": () => ({ items: saved }),
      "GET members": () => ({ items: [{ userID: "u1", name: "Ada Lovelace", email: "ada@example.com" }] }),
    },
    ["dataquery:read", "dataquery:update", "member:list"],
  );
  open();
  await until(async () => expect((await entry(3)).textContent).toContain("by Ada Lovelace"));
  expect((await entry(3)).querySelector("[title='ada@example.com']")).not.toBeNull();
  expect((await entry(2)).textContent).toContain("by API key CI");
  await reads("Ada Lovelace (ada@example.com)");
});

it("compares an earlier version with the current one, restores it, and undoes that", async () => {
  let saved = record;
  const sent = serve({
    ...routes,
    "PATCH data-queries/q1": ({ body }) => {
      saved = { ...saved, ...(body as object), version: saved.version + 1 };
      return saved;
    },
  });
  const onClose = open();
  (await entry(1)).click();
  await find("section[tabindex]", "Version 1");
  await until(() => expect(document.querySelector("del")?.textContent).toBe("select 1"));
  (await entry(2)).click();
  (await find<HTMLInputElement>("input", "Changes since this version")).click();
  await until(() => expect(document.querySelector("ins")?.textContent).toBe("select 3"));
  await press("Restore this version");
  await until(() => expect(onClose).toHaveBeenCalled());
  await reads("Restored version 2");
  await press("Undo");
  await reads("Undone");
  const patches = sent.filter(({ method }) => method === "PATCH");
  expect(patches.map(({ body, headers }) => [headers.get("if-match"), body])).toEqual([
    ['"3"', { name: "Orders", options: { sql: "select 2" } }],
    ['"4"', { name: "All orders", options: { sql: "select 3" } }],
  ]);
});

it("overwrites nothing that was saved in between", async () => {
  serve({
    ...routes,
    "PATCH data-queries/q1": () => failed(412, "VERSION_CONFLICT", "the version is 4"),
  });
  const onClose = open();
  (await entry(2)).click();
  await press("Restore this version");
  await reads("Someone has just saved another version");
  expect(onClose).not.toHaveBeenCalled();
});

const board = (number: number, items: object[]) => ({
  ...version(number, ""),
  name: "Sales",
  spec: { items, layouts: {}, variables: [], tabs: [] },
});
const boards = [board(2, []), board(1, [{ key: "a", widgetID: "w1" }])];

it("names what cannot come back with a version of a dashboard, and restores the rest", async () => {
  const lost = [
    { id: "w1", kind: "widget", name: "Revenue", reason: "gone", needs: null },
    {
      id: "w2",
      kind: "widget",
      name: "Orders",
      reason: "incomplete",
      needs: { kind: "dataquery", name: "Items" },
    },
  ];
  const sent = serve({
    "GET dashboards/d1": () => ({
      ...boards[0]?.spec,
      id: "d1",
      name: "Sales",
      description: "",
      version: 2,
      widgets: [],
    }),
    "GET dashboards/d1/versions": () => ({ items: boards }),
    "GET dashboards/d1/versions/1": () => boards[1],
    "GET dashboards/d1/versions/2": () => boards[0],
    "POST dashboards/d1/versions/1/restore": ({ body }) => {
      const { preview } = body as { preview: boolean };
      const dashboard = {
        ...boards[0]?.spec,
        id: "d1",
        name: "Sales",
        description: "",
        version: 3,
        widgets: [],
      };
      return { dashboard: preview ? null : dashboard, restored: [], leftOut: lost, changed: [], kept: [] };
    },
  });
  const onClose = vi.fn();
  show(<History kind="dashboard" id="d1" name="Sales" onClose={onClose} />);
  (await entry(1)).click();
  await find("section[tabindex]", "Version 1");
  await press("Restore this version");
  await reads("Widget “Revenue”");
  await reads("Needs “Items”, which does not exist any more");
  expect(onClose).not.toHaveBeenCalled();
  await press("Restore without them");
  await until(() => expect(onClose).toHaveBeenCalled());
  const posts = sent.filter(({ method }) => method === "POST");
  expect(posts.map(({ body, headers }) => [headers.get("if-match"), body])).toEqual([
    ['"2"', { leaveOut: false, preview: true }],
    ['"2"', { leaveOut: true, preview: false }],
  ]);
});

it("offers nothing to restore without permission to change the record", async () => {
  serve(routes, ["dataquery:read"]);
  open();
  (await entry(2)).click();
  await find("section[tabindex]", "Version 2");
  await until(() => expect(document.querySelector("ins")?.textContent).toBe("select 2"));
  expect(document.body.textContent).not.toContain("Restore this version");
});

it("names the widgets that were removed from a dashboard, also those that are in the trash or gone", async () => {
  const dashboard = (number: number, widgets: string[], linked: object[]) => ({
    ...version(number, "", "Sales"),
    spec: { items: widgets.map((widgetID, index) => ({ key: `item${index + 1}`, widgetID })), layouts: {} },
    linked,
  });
  const orders = { id: "w1", kind: "widget", name: "Orders by month" };
  serve({
    "GET dashboards/b1": () => ({
      ...dashboard(2, [], []).spec,
      id: "b1",
      name: "Sales",
      version: 2,
      widgets: [],
    }),
    "GET dashboards/b1/versions": () => ({ items: [version(2, "", "Sales"), version(1, "", "Sales")] }),
    "GET dashboards/b1/versions/1": () => dashboard(1, ["w1", "w2"], [orders]),
    "GET dashboards/b1/versions/2": () => dashboard(2, [], []),
  });
  show(<History kind="dashboard" id="b1" name="Sales" onClose={vi.fn()} />);
  const details = await find("section[tabindex]", "Version 2");
  await until(() => expect(details.textContent).toContain("Orders by month removed"));
  expect(details.textContent).toContain("Deleted widget removed");
  expect(document.body.textContent).not.toContain("item1");
});

it("restores the content of a file, which only the server keeps", async () => {
  const file = (number: number, name: string, size: number) => ({
    version: number,
    at,
    by: "Ada",
    name,
    description: "",
    spec: { fileName: "orders.csv", mediaType: "text/csv", size, sha256: `digest ${number}` },
  });
  const all = [file(2, "Orders", 2048), file(1, "Orders", 1024)];
  const stored = { id: "f1", version: 2, name: "Orders", description: "", ...all[0]?.spec };
  const sent = serve({
    "GET files/f1": () => stored,
    "GET files/f1/versions": () => ({ items: all }),
    "GET files/f1/versions/1": () => all[1],
    "GET files/f1/versions/2": () => all[0],
    "POST files/f1/versions/1/restore": () => ({ ...stored, ...all[1]?.spec, version: 3 }),
  });
  const onClose = vi.fn();
  show(<History kind="file" id="f1" name="Orders" onClose={onClose} />);
  await until(async () =>
    expect((await entry(2)).textContent).toContain("Size changed from “1 KiB” to “2 KiB”"),
  );
  expect((await entry(2)).textContent).toContain("Content changed");
  expect((await entry(2)).textContent).not.toContain("digest");
  (await entry(1)).click();
  await press("Restore this version");
  await until(() => expect(onClose).toHaveBeenCalled());
  await reads("Restored version 1");
  const restored = sent.find(({ method }) => method === "POST");
  expect(restored?.headers.get("if-match")).toBe('"2"');
});

it("shows a change of the settings of a widget, and restores and undoes it with the dashboard", async () => {
  const widget = (number: number, markdown: string) => ({
    ...version(number, "", "Notes"),
    spec: { type: "text", config: { markdown } },
  });
  const dashboard = (number: number, part: number) => ({
    ...version(number, "", "Sales"),
    spec: { items: [], layouts: {} },
    linked: [],
    parts: [{ id: "w1", kind: "widget", name: "Notes", version: part }],
  });
  const present = { items: [], layouts: {}, id: "b1", name: "Sales", version: 2, widgets: [] };
  const sent = serve({
    "GET dashboards/b1": () => present,
    "GET dashboards/b1/versions": () => ({ items: [version(2, "", "Sales"), version(1, "", "Sales")] }),
    "GET dashboards/b1/versions/1": () => dashboard(1, 4),
    "GET dashboards/b1/versions/2": () => dashboard(2, 5),
    "GET widgets/w1/versions/4": () => widget(4, "old text"),
    "GET widgets/w1/versions/5": () => widget(5, "new text"),
    ...Object.fromEntries(
      [1, 2].map((number) => [
        `POST dashboards/b1/versions/${number}/restore`,
        ({ body }: { body: unknown }) => ({
          dashboard: (body as { preview: boolean }).preview ? null : { ...present, version: 3 },
          restored: [],
          leftOut: [],
          changed: [{ id: "w1", kind: "widget", name: "Notes" }],
          kept: [],
        }),
      ]),
    ),
  });
  show(<History kind="dashboard" id="b1" name="Sales" onClose={vi.fn()} />);
  await until(async () => expect((await entry(2)).textContent).toContain("Widget “Notes” changed"));
  const details = await find("section[tabindex]", "Version 2");
  await until(() => expect(details.querySelector("ins")?.textContent).toBe("new text"));
  expect(details.querySelector("del")?.textContent).toBe("old text");
  (await entry(1)).click();
  await press("Restore this version");
  await reads("Restored version 1");
  await press("Undo");
  await reads("Undone");
  const posts = sent.filter(
    ({ method, body }) => method === "POST" && !(body as { preview: boolean }).preview,
  );
  expect(posts.map(({ path, headers }) => [path, headers.get("if-match")])).toEqual([
    ["dashboards/b1/versions/1/restore", '"2"'],
    ["dashboards/b1/versions/2/restore", '"3"'],
  ]);
});
