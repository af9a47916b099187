import { expect, it } from "vitest";
import type { File, JsonObject } from "@/lib/api/model";
import { find, findButton, press, reads, serve, show, until } from "@/ui/testing";
import { FileData } from "./file-data";

const file = { id: "f1", name: "sales.xlsx", sha256: "0" } as File;
const type = {
  type: "file",
  name: "File",
  description: "",
  capabilities: { looks: true },
  optionsSchema: {
    type: "object",
    properties: {
      fileID: { type: "string" },
      header: { type: "boolean", default: true },
      skipRows: { type: "integer", title: "Rows to skip", default: 0, "x-group": "Advanced" },
      nulls: { type: "array", title: "Missing values", items: { type: "string" }, default: [] },
    },
  },
  queryOptionsSchema: { type: "object" },
};
const sheet = (name: string, totalRows: number) => ({
  name,
  sheet: name,
  hidden: false,
  totalRows,
  columns: [{ name: "id", type: "integer", isDeclared: false, values: totalRows, note: null }],
  rows: [{ row: 2, values: [1] }],
  warnings: [],
});
const preview = {
  format: "xlsx",
  findings: [{ option: "sheet", value: "Cover", confidence: "chosen", alternatives: ["Sales data"] }],
  suggestions: [
    { message: "Skip the first line: the table begins below the title", options: { skipRows: 1 } },
  ],
  tables: [sheet("Cover", 1), sheet("Sales data", 250)],
  error: null,
};
const list = (items: object[]) => ({ items, nextCursor: null, total: items.length });

function open(datasources: object[] = []) {
  const actions = document.createElement("div");
  document.body.append(actions);
  const sent = serve(
    {
      "GET datasources": () => list(datasources),
      "GET /api/v1/datasource-types": () => ({ items: [type] }),
      "POST datasources/preview": () => preview,
      "POST datasources": ({ body }) => ({ id: "s1", ...(body as object) }),
    },
    [
      ...["datasource:list", "datasource:read", "datasource:test", "datasource:create"],
      ...["dataquery:create", "dataquery:execute"],
    ],
  );
  return { sent, router: show(<FileData file={file} actions={actions} />) };
}

const asked = (sent: ReturnType<typeof serve>) =>
  sent.filter(({ path }) => path === "datasources/preview").at(-1)?.body as { options: JsonObject };

it("the sheet that is shown is the one that the buttons and the count of rows are about", async () => {
  localStorage.clear();
  const { router } = open();
  await reads("Excel · 1 row");
  expect([...document.querySelectorAll("label")].map((label) => label.textContent)).not.toContain("Sheet");
  (await find("[role=tab]", "Sales data")).click();
  await reads("Excel · 250 rows");
  await press("Query this file");
  await until(() => expect(router.state.location.pathname).toBe("/t/t1/data-queries/new"));
  expect((router.state.location.state as JsonObject)["sql"]).toBe('select * from "Sales data"');
});

it("a table is created from the sheet that is shown", async () => {
  localStorage.clear();
  const { router } = open();
  (await find("[role=tab]", "Sales data")).click();
  await press("Create table");
  await until(() => expect(router.state.location.pathname).toBe("/t/t1/files/f1/table"));
  expect((router.state.location.state as JsonObject)["table"]).toBe("Sales data");
});

it("settings of a suggestion that was accepted are shown, can be changed and removed", async () => {
  localStorage.clear();
  const { sent } = open();
  await press("Skip the first line: it is a title");
  await press("Rows to skip: 1");
  const field = await find<HTMLInputElement>("[role=dialog] input", "Rows to skip");
  expect(field.value).toBe("1");
  await until(() => expect(asked(sent).options["skipRows"]).toBe(1));
  await press("Remove Rows to skip");
  await until(() => expect(document.body.textContent).not.toContain("Changed settings"));
  await findButton("Skip the first line: it is a title");
});

it("tells which datasource has the settings of a file with several sheets", async () => {
  open([{ id: "s9", name: "Sales", type: "file", version: 1, options: { fileID: "f1" } }]);
  await reads("The datasource Sales reads this file and has the settings for that.");
  expect(document.querySelector("a")?.getAttribute("href")).toBe("/t/t1/datasources/s9");
});
