import { expect, it } from "vitest";
import type { File } from "@/lib/api/model";
import { find, press, reads, serve, show, until, type Sent } from "@/ui/testing";
import { FileData } from "./file-data";

const file = { id: "f1", name: "orders.csv", sha256: "0" } as File;

const type = {
  type: "file",
  name: "File",
  description: "",
  capabilities: { looks: true },
  optionsSchema: {
    type: "object",
    properties: { fileID: { type: "string" }, header: { type: "boolean", default: true } },
  },
  queryOptionsSchema: { type: "object" },
};

const preview = { format: "csv", findings: [], suggestions: [], tables: [], error: null };

const list = (items: object[]) => ({ items, nextCursor: null, total: items.length });

function open(datasources: () => object = () => list([]), actions: HTMLElement | null = null) {
  const sent: Sent[] = serve(
    {
      "GET datasources": datasources,
      "GET /api/v1/datasource-types": () => ({ items: [type] }),
      "POST datasources/preview": () => preview,
      "POST datasources": ({ body }) => ({ id: "s1", ...(body as object) }),
      "POST data-queries": ({ body }) => ({ id: "q1", ...(body as object) }),
      "POST widgets": ({ body }) => ({ id: "w1", ...(body as object) }),
      "POST dashboards": ({ body }) => ({ id: "b1", ...(body as object) }),
    },
    [
      ...["datasource:list", "datasource:read", "datasource:test", "datasource:create"],
      ...["dataquery:create", "dataquery:execute", "widget:create", "dashboard:create"],
    ],
  );
  return { sent, router: show(<FileData file={file} actions={actions} />) };
}

const header = () => find<HTMLInputElement>("input", "First row is a header");

it("asks before the settings of a file are lost that nothing reads yet, and can keep them", async () => {
  const { sent, router } = open();
  (await header()).click();
  await until(async () => expect((await header()).checked).toBe(false));
  void router.navigate("/t/t1/elsewhere");
  await reads("Leave without saving?");
  await press("Stay");
  expect(router.state.location.pathname).toBe("/t/t1/here");
  void router.navigate("/t/t1/elsewhere");
  await reads("Leave without saving?");
  await press("Save and leave");
  await until(() => expect(router.state.location.pathname).toBe("/t/t1/elsewhere"));
  expect(sent.find(({ method, path }) => method === "POST" && path === "datasources")?.body).toEqual({
    name: "orders",
    description: "",
    type: "file",
    options: { fileID: "f1", header: false },
    tags: [],
  });
});

it("lets people leave who changed nothing, or changed it back", async () => {
  const { router } = open();
  (await header()).click();
  await until(async () => expect((await header()).checked).toBe(false));
  (await header()).click();
  await until(async () => expect((await header()).checked).toBe(true));
  await router.navigate("/t/t1/elsewhere");
  expect(router.state.location.pathname).toBe("/t/t1/elsewhere");
});

const place = () => {
  const actions = document.createElement("div");
  document.body.append(actions);
  return actions;
};

it("keeps how a file is read when a table is created from it", async () => {
  localStorage.clear();
  const { router } = open(undefined, place());
  (await header()).click();
  await press("Create table");
  await until(() => expect(router.state.location.pathname).toBe("/t/t1/files/f1/table"));
  await router.navigate("/t/t1/here");
  await until(async () => expect((await header()).checked).toBe(false));
});

it("uses a datasource that was created since and reads the file in the same way", async () => {
  localStorage.clear();
  const reader = { id: "s9", name: "orders", type: "file", options: { fileID: "f1", header: true } };
  let isMade = false;
  const { sent } = open(() => list(isMade ? [reader] : []), place());
  await header();
  isMade = true;
  await press("Show on a dashboard");
  await until(() =>
    expect(sent.some(({ method, path }) => method === "POST" && path === "dashboards")).toBe(true),
  );
  expect(sent.some(({ method, path }) => method === "POST" && path === "datasources")).toBe(false);
  const query = sent.find(({ method, path }) => method === "POST" && path === "data-queries");
  expect(query?.body).toMatchObject({ datasourceID: "s9" });
});
