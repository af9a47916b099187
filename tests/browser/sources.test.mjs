// Datasources that need no server: an uploaded file, and a script.
import assert from "node:assert/strict";
import { button, choose, hides, link, shows, signIn, title, visit, write } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const TRIAL = /^400 \/api\/v1\/tenants\/[^/]+\/data-queries\/test$/;
const result = (page) => page.getByRole("region", { name: "Result" });
const HARVEST = "garden,picked,kilos\nNorth,2026-05-01,12.5\nSouth,2026-05-02,8\nNorth,2026-05-03,4.5\n";

async function save(page, name) {
  await button(page, "Save…").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill(name);
  await dialog.getByRole("button", { name: "Save" }).click();
  await hides(dialog);
  await shows(title(page, new RegExp(`${name}$`)));
}

/** Opens a new query of a datasource, by its name. */
async function ask(page, datasource) {
  await visit(page, "Queries");
  await link(page, "New query").first().click();
  await page
    .getByRole("main")
    .getByRole("button", { name: new RegExp(`^${datasource}`) })
    .click();
  await shows(title(page, "New query"));
}

journey("an uploaded CSV file becomes a datasource, a query and a widget", async (page) => {
  await signIn(page);
  await visit(page, "Datasources");
  await link(page, "New datasource").click();
  await page.getByRole("textbox", { name: "Search datasource types" }).fill("csv");
  await page.getByRole("textbox", { name: "Search datasource types" }).press("Enter");
  await page.getByRole("textbox", { name: "Name" }).fill("Garden");
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    button(page, "Upload file").click(),
  ]);
  await chooser.setFiles({
    name: "harvest.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(HARVEST),
  });
  await shows(page.getByText(`${HARVEST.length} B, updated`));
  await button(page, "Test").click();
  await shows(page.getByText("Connected", { exact: true }));
  await accessible(page, "a new datasource of an uploaded file");
  await button(page, "Create").click();
  await shows(title(page, /Garden$/));
  await button(page, "Columns of data").click();
  await shows(page.getByRole("region", { name: "Schema" }).getByText("kilos", { exact: true }));

  await visit(page, "Files");
  await shows(page.getByRole("main").getByRole("row").filter({ hasText: "harvest" }));

  await ask(page, "Garden");
  await write(
    page,
    "SQL",
    "select garden, sum(kilos) as kilos from data group by garden order by kilos desc",
  );
  await page.keyboard.press("Control+Enter");
  await shows(result(page).getByRole("row").nth(2));
  assert.deepEqual(await result(page).getByRole("cell").allInnerTexts(), [
    "1",
    "North",
    "17",
    "2",
    "South",
    "8",
  ]);
  await save(page, "Harvest by garden");

  await visit(page, "Widgets");
  await link(page, "New widget").first().click();
  await link(page, /^Table/).click();
  await choose(page, "Query", "Harvest by garden");
  await shows(page.getByRole("cell", { name: "South" }));
  await save(page, "Harvest");
});

journey(
  "a script is written, its error is marked, and it runs with its parameters",
  { expected: [TRIAL] },
  async (page) => {
    await signIn(page);
    await ask(page, "Scripts");
    await write(page, "Code", "const squares = [1, 2, 3];\nreturn squares.nope();");
    await page.keyboard.press("Control+Enter");
    await shows(page.getByRole("alert").filter({ hasText: "line 2" }));
    await shows(page.locator(".cm-lintRange-error"));
    await button(page, "Add parameter").click();
    await page.getByRole("textbox", { name: "Name" }).fill("most");
    await page.getByRole("textbox", { name: "Default" }).fill("3");
    await page.keyboard.press("Escape");
    await write(
      page,
      "Code",
      "return Array.from({ length: Number(params.most) }, (_, i) => ({ n: i + 1, square: (i + 1) ** 2 }));",
    );
    await page.keyboard.press("Control+Enter");
    await shows(result(page).getByRole("row").nth(3));
    assert.deepEqual(await result(page).getByRole("cell").allInnerTexts(), [
      "1",
      "1",
      "1",
      "2",
      "2",
      "4",
      "3",
      "3",
      "9",
    ]);
    await accessible(page, "a script and its answer");
    await save(page, "Squares");
  },
);
