// From an empty directory to a dashboard with one's own data.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import assert from "node:assert/strict";
import { button, choose, firstTenant, hides, link, shows, title, visit, write } from "./support/app.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: false });

async function name(page, text) {
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill(text);
  await dialog.getByRole("button", { name: /^(Save|Create)$/ }).click();
  await hides(dialog);
  await shows(title(page, new RegExp(`${text}$`)));
}

async function run(page, sql) {
  await write(page, "SQL", sql);
  await page.keyboard.press("Control+Enter");
  // what changes data asks first
  if (!sql.startsWith("select")) await button(page.getByRole("dialog"), "Run").click();
}

journey(
  "the first account, its tenant, a datasource, a query, a widget, and a dashboard that shows it",
  async (page, { dataDir }) => {
    await page.goto("/");
    await shows(title(page, "Set up this server"));
    await firstTenant(page);

    // An empty file is an empty SQLite database.
    const folder = join(dataDir, "files", page.url().match(/\/t\/([^/]+)/)[1]);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "tea.db"), "");

    await link(page, /Connect a datasource/).click();
    await page.getByRole("link", { name: /^SQLite/ }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Tea");
    await page.getByRole("textbox", { name: "File" }).fill("tea.db");
    await page.getByRole("switch", { name: /^Read-only/ }).uncheck();
    await button(page, "Test").click();
    await shows(page.getByText(/Connected/));
    await button(page, "Create").click();
    await shows(title(page, /Tea$/));

    await visit(page, "Queries");
    await link(page, "New query").first().click();
    await run(page, "create table sorts (name text, cups integer)");
    await shows(page.getByText("0 rows changed").first());
    await run(page, "insert into sorts values ('Assam', 3), ('Sencha', 5), ('Oolong', 7)");
    await shows(page.getByText("3 rows added").first());
    await run(page, "select name, cups from sorts order by cups desc");
    const result = page.getByRole("region", { name: "Result" });
    await shows(result.getByRole("row").nth(3));
    assert.deepEqual(await result.getByRole("cell").allInnerTexts(), [
      "1",
      "Oolong",
      "7",
      "2",
      "Sencha",
      "5",
      "3",
      "Assam",
      "3",
    ]);
    await button(page, "Save…").click();
    await name(page, "Cups by sort");

    await visit(page, "Widgets");
    await link(page, "New widget").first().click();
    await link(page, /^Table/).click();
    await choose(page, "Query", "Cups by sort");
    await shows(page.getByRole("table", { name: "Preview" }).getByRole("cell", { name: "Sencha" }));
    await button(page, "Save…").click();
    await name(page, "Cups");

    await visit(page, "Dashboards");
    await button(page, "New dashboard").first().click();
    await name(page, "Tea today");
    if (!page.url().endsWith("/edit")) await link(page, "Edit").first().click();
    await button(page, "Add Cups").click();
    await shows(page.getByRole("article", { name: "Cups" }).getByRole("cell", { name: "Oolong" }));
    await button(page, "Save and view").click();
    await shows(link(page, "Edit"));
    await shows(page.getByRole("article", { name: "Cups" }).getByRole("cell", { name: "Assam" }));
    await page.reload();
    await shows(page.getByRole("article", { name: "Cups" }).getByRole("cell", { name: "Assam" }));
  },
);

journey("without an invitation there is no second account", async (page) => {
  await page.goto("/sign-up");
  await shows(title(page, "Sign-up is by invitation only"));
});
