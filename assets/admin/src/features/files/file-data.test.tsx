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

function open() {
  const sent: Sent[] = serve(
    {
      "GET datasources": () => ({ items: [], nextCursor: null, total: 0 }),
      "GET /api/v1/datasource-types": () => ({ items: [type] }),
      "POST datasources/preview": () => preview,
      "POST datasources": ({ body }) => ({ id: "s1", ...(body as object) }),
    },
    ["datasource:list", "datasource:test", "datasource:create"],
  );
  return { sent, router: show(<FileData file={file} actions={null} />) };
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
