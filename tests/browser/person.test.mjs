// What belongs to the person: own rows, the start page of a role, and a dashboard that moves as a file.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { newMember, owner } from "./support/api.mjs";
import { button, openFrom, shows, signIn, signInAs, title, visit } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { makeDashboard, sqlQuery } from "./support/dashboards.mjs";
import { stranger, suite } from "./support/journey.mjs";

const journey = suite({ demo: true });

/** A dashboard with a table of the rows of the person who looks at it. */
async function ownRows(api, name) {
  const queryID = await sqlQuery(api, `Rows of ${name}`, "select {{ params.who }} as person", [
    { name: "who", type: "string", required: true },
  ]);
  const config = { queryID, parameters: { who: "{{ user.email }}" } };
  return makeDashboard(api, name, {
    Mine: { type: "table", config, at: [0, 0, 6, 4] },
    Greeting: { type: "text", config: { markdown: "Hello {{ user.email }}" }, at: [6, 0, 6, 4] },
  });
}

/** Opens an entry of the dashboard's menu. */
async function fromMenu(page, entry) {
  await button(page, "More actions").click();
  await page.getByRole("menuitem", { name: entry }).click();
}

journey("each person sees their own rows, and a visitor is told why there are none", async (page, server) => {
  const api = await owner(server);
  const { id } = await ownRows(api, "Own rows");
  const viewer = await newMember(server, api, "Viewer");
  const { url } = await api("POST", `dashboards/${id}/shares`, {});
  await signInAs(page, viewer, "Acme");
  await openFrom(page, "Dashboards", "Own rows");
  await shows(page.getByRole("cell", { name: viewer.email }));
  await shows(page.getByText(`Hello ${viewer.email}`));
  await stranger(page, {}, async (theirs) => {
    await theirs.goto(url);
    await shows(theirs.getByText("This widget shows the data of the signed-in user. Sign in to see it."));
    assert.equal(await theirs.getByRole("cell").count(), 0);
    await accessible(theirs, "a shared dashboard with rows of the person");
  });
});

journey("members arrive at the start page of their role", async (page, server) => {
  const api = await owner(server);
  await ownRows(api, "Start here");
  await signIn(page);
  await openFrom(page, "Dashboards", "Start here");
  await fromMenu(page, "Start page of…");
  const dialog = page.getByRole("dialog", { name: "Start page of…" });
  await dialog.getByRole("checkbox", { name: "Operator" }).check();
  await accessible(page, "the roles whose start page a dashboard is");
  await dialog.getByRole("button", { name: "Save" }).click();
  await shows(page.getByText("Start page saved"));
  const operator = await newMember(server, api, "Operator");
  await stranger(page, {}, async (theirs) => {
    await signInAs(theirs, operator, "Start here");
    await visit(theirs, "Home", "Acme");
  });
});

journey("a dashboard is exported and imported again", async (page, server) => {
  const api = await owner(server);
  await ownRows(api, "To export");
  await signIn(page);
  await openFrom(page, "Dashboards", "To export");
  const saving = page.waitForEvent("download");
  await fromMenu(page, "Export");
  const file = await readFile(await (await saving).path());
  assert.equal(JSON.parse(file.toString()).format, "jet-admin/dashboard");
  await visit(page, "Dashboards");
  await button(page, "Import").click();
  const dialog = page.getByRole("dialog", { name: "Import a dashboard" });
  const choosing = page.waitForEvent("filechooser");
  await dialog.getByRole("button", { name: "Select file" }).click();
  await (await choosing).setFiles({ name: "x.json", mimeType: "application/json", buffer: file });
  await shows(dialog.getByRole("textbox", { name: "Name" }));
  await accessible(page, "what an exported dashboard contains");
  await dialog.getByRole("button", { name: "Import" }).click();
  await shows(title(page, "To export (2)"));
});
