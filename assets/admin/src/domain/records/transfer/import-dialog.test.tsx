import { expect, test, vi } from "vitest";
import { failed, fill, find, findButton, press, reads, serve, show, until } from "@/ui/testing";
import { ImportDialog } from "./import-dialog";

const file = { format: "jet-admin/dashboard", version: 1, dashboard: { name: "Sales" } };
const uses = [
  { id: "d0", kind: "datasource", name: "Shop", type: "sqlite", target: null, optional: false },
  { id: "w0", kind: "widget", name: "Notes", target: "w1", optional: true },
];
const summary = {
  name: "Sales (2)",
  widgets: [{ name: "Revenue", type: "bar" }],
  queries: [
    { name: "By month", type: null },
    { name: "By region", type: null },
  ],
  uses,
};
const datasources = [
  { id: "d1", name: "Shop here", type: "sqlite" },
  { id: "d2", name: "Other", type: "postgresql" },
];

/** Selects a file, as the file dialog of the browser does. */
async function select(content: string) {
  const input = await until(() => {
    const found = document.querySelector<HTMLInputElement>("input[type=file]");
    if (!found) throw new Error("no input");
    return found;
  });
  const chosen = new File([content], "sales.dashboard.json", { type: "application/json" });
  Object.defineProperty(input, "files", { value: [chosen], configurable: true });
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

test("an import shows what the file contains, and asks for the datasource of this tenant", async () => {
  const sent = serve({
    "POST dashboards/import/preview": () => summary,
    "GET datasources": () => ({ items: datasources, nextCursor: null, total: 2 }),
    "GET widgets": () => ({ items: [], nextCursor: null, total: 0 }),
    "GET widgets/w1": () => ({ id: "w1", name: "Notes" }),
    "POST dashboards/import": () => ({ dashboard: { id: "new" }, widgets: [], queries: [] }),
  });
  const router = show(<ImportDialog kind="dashboard" onClose={vi.fn()} />);
  await select(JSON.stringify(file));
  await reads("1 widget");
  await reads("2 queries");
  await reads("By month, By region");
  expect((await findButton("Import")).disabled).toBe(true);
  const source = await find<HTMLInputElement>("input", "Datasource “Shop”");
  source.click();
  const option = await find("[role=option]", "Shop here");
  expect([...document.querySelectorAll("[role=option]")].map((one) => one.textContent)).not.toContain(
    "Other",
  );
  option.click();
  await fill("Name", "Sales of ours");
  await until(async () => expect((await findButton("Import")).disabled).toBe(false));
  await press("Import");
  await until(() => expect(router.state.location.pathname).toBe("/t/t1/dashboards/new"));
  const body = sent.find(({ path }) => path === "dashboards/import")?.body;
  expect(body).toEqual({ file, name: "Sales of ours", targets: { d0: "d1", w0: "w1" } });
});

test("other files are refused", async () => {
  serve({
    "POST dashboards/import/preview": () =>
      failed(
        400,
        "INVALID_REQUEST",
        "file.version: is 2, but this server reads version 1: update the server",
      ),
  });
  show(<ImportDialog kind="dashboard" onClose={vi.fn()} />);
  await select("id,name");
  await reads("sales.dashboard.json is not a dashboard file");
  await select(JSON.stringify({ ...file, version: 2 }));
  await reads("Update the server.");
});

test("a workflow shows its steps, the role that it asks, and the variables that are missing", async () => {
  const workflow = { format: "jet-admin/workflow", version: 1, workflow: { name: "Nightly" } };
  const sent = serve({
    "POST workflows/import/preview": () => ({
      name: "Nightly",
      steps: ["start", "Read items"],
      uses: [{ id: "r0", kind: "role", name: "Editor", target: "r1", optional: false }],
      missingVariables: ["region"],
    }),
    "GET roles": () => ({
      items: [{ id: "r1", name: "Editor", description: "" }],
      nextCursor: null,
      total: 1,
    }),
    "POST workflows/import": () => ({ id: "new" }),
  });
  const router = show(<ImportDialog kind="workflow" onClose={vi.fn()} />);
  await select(JSON.stringify(workflow));
  await reads("start, Read items");
  await reads("Variables that this tenant does not have: region.");
  await find("input", "Role “Editor”");
  await press("Import");
  await until(() => expect(router.state.location.pathname).toBe("/t/t1/workflows/new"));
  expect(sent.find(({ path }) => path === "workflows/import")?.body).toEqual({
    file: workflow,
    name: "Nightly",
    targets: { r0: "r1" },
  });
});
