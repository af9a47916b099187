// Editing rows like a spreadsheet: everything is saved together, and what others changed is not overwritten.
import assert from "node:assert/strict";
import {
  button,
  choose,
  fitsSideways,
  hides,
  openFrom,
  shows,
  signIn,
  title,
  visit,
} from "./support/app.mjs";
import { owner } from "./support/api.mjs";
import { accessible, accessibleEverywhere } from "./support/axe.mjs";
import { DESKTOP, PHONE } from "./support/browser.mjs";
import { makeDashboard } from "./support/dashboards.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const item = (page, name) => page.getByRole("article", { name, exact: true });
const dialog = (page, name) => page.getByRole("dialog", { name });

/** Creates a table of parts, and returns how to query it. */
async function stock(
  server,
  name,
  rows = "(1, 'Bolt', 12.50, '2026-01-31'), (2, 'Nut', 0.05, null), (3, 'Washer', 9007199254740993, null)",
) {
  const api = await owner(server);
  const draft = { name, type: "sqlite", options: { path: `${name}.db`, readOnly: false } };
  const { id: datasourceID } = await api("POST", "datasources", draft);
  const run = async (sql) =>
    (await api("POST", "data-queries/test", { datasourceID, options: { sql }, maxRows: 100_000 })).data;
  await run(
    "create table parts (id integer primary key, name text not null unique, price numeric, since date)",
  );
  await run(`insert into parts values ${rows}`);
  const query = {
    name: `Parts of ${name}`,
    datasourceID,
    options: { sql: "select * from parts order by id" },
    maxRows: 100_000,
  };
  const { id: queryID } = await api("POST", "data-queries", query);
  const config = {
    queryID,
    table: "parts",
    key: ["id"],
    adding: true,
    deleting: true,
    columns: [
      { field: "id", editing: "never" },
      { field: "name", label: "Name" },
      { field: "price", label: "Price" },
      { field: "since", label: "Since" },
    ],
  };
  return {
    api,
    run,
    config,
    names: async () => (await run("select name from parts order by id")).map((row) => row.name),
  };
}

async function open(page, server, name, rows) {
  const found = await stock(server, name, rows);
  await makeDashboard(found.api, name, { Parts: { type: "grid", config: found.config, at: [0, 0, 12, 9] } });
  await signIn(page);
  await openFrom(page, "Dashboards", name);
  const table = item(page, "Parts").getByRole("grid");
  await shows(table.getByRole("gridcell").first());
  const cell = (row, column) => table.locator(`[data-row="${row}"][data-column="${column}"]`);
  return { ...found, table, cell, bar: item(page, "Parts").getByRole("toolbar") };
}

journey("rows are edited, pasted, reviewed and saved together", async (page, server) => {
  const { table, cell, bar, names, run } = await open(page, server, "Edited");
  await accessibleEverywhere(page, "an editable table");
  await cell(0, 1).click();
  await page.keyboard.type("Screw");
  await page.keyboard.press("Tab");
  await page.keyboard.type("13.75");
  await page.keyboard.press("Enter");
  await cell(2, 1).click();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "Spring\t1\t2026-02-01\nPin\t9007199254740995\t\n");
    document.activeElement.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
  });
  await cell(1, 1).click();
  await button(bar, "Delete selected rows").click();
  await shows(bar.getByText("2 changed · 1 added · 1 deleted"));
  await shows(table.getByLabel("Row 2: deleted"));
  await accessible(page, "a table with changes");

  await button(bar, "Review").click();
  const review = dialog(page, "Review changes");
  await shows(review.getByText("The database accepts these changes"));
  await accessible(page, "the review");
  assert.deepEqual(await names(), ["Bolt", "Nut", "Washer"], "a review changes nothing");
  await button(review, "Save").click();
  await hides(review);
  await hides(bar.getByText("changed"));
  await shows(cell(2, 1).getByText("Pin"));
  assert.deepEqual(await run("select name, price, since from parts order by id"), [
    { name: "Screw", price: 13.75, since: "2026-01-31" },
    { name: "Spring", price: 1, since: "2026-02-01" },
    { name: "Pin", price: "9007199254740995", since: null },
  ]);
});

journey("a foreign key is shown, selected and pasted by its label", async (page, server) => {
  const { api, run, config } = await stock(server, "Referring");
  await run("create table makers (id integer primary key, name text)");
  await run("insert into makers values (10, 'Acme'), (20, 'Globex'), (30, 'Initech'), (31, 'initech')");
  await run("alter table parts add column maker_id integer references makers(id)");
  await run("update parts set maker_id = 10");
  const references = { table: "makers", key: "id", label: "name" };
  const columns = [...config.columns.slice(0, 2), { field: "maker_id", label: "Maker", references }];
  const widget = { type: "grid", config: { ...config, columns }, at: [0, 0, 12, 9] };
  await makeDashboard(api, "Referring", { Parts: widget });
  await signIn(page);
  await openFrom(page, "Dashboards", "Referring");
  const table = item(page, "Parts").getByRole("grid");
  const cell = (row, column) => table.locator(`[data-row="${row}"][data-column="${column}"]`);
  const bar = item(page, "Parts").getByRole("toolbar");
  await shows(cell(0, 2).getByText("Acme", { exact: true }));
  await cell(0, 2).dblclick();
  await page.keyboard.type("glo");
  await shows(page.getByRole("option", { name: "Globex" }));
  await accessible(page, "the rows that a cell can refer to");
  await hides(page.getByRole("option", { name: "Initech", exact: true }));
  await page.keyboard.press("Enter");
  await shows(cell(0, 2).getByText("Globex", { exact: true }));
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "INITECH\nNobody\n");
    document.activeElement.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
  });
  await shows(bar.getByText("2 invalid cells"));
  await cell(1, 2).click();
  await shows(bar.getByText(/could mean 2 rows/));
  await cell(2, 2).click();
  await shows(bar.getByText("No row has the label or the key “Nobody”."));
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "31");
    document.activeElement.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
  });
  await shows(cell(2, 2).getByText("initech", { exact: true }));
  await cell(1, 2).click();
  await page.keyboard.press("Delete");
  await button(bar, "Save").click();
  await hides(bar.getByText("changed"));
  assert.deepEqual(await run("select maker_id from parts order by id"), [
    { maker_id: 20 },
    { maker_id: null },
    { maker_id: 31 },
  ]);
});

journey(
  "what others changed is shown beside what was entered, and nothing is lost",
  { expected: [/^(409|400) .*\/changes$/] },
  async (page, server) => {
    const { cell, bar, names, run } = await open(page, server, "Contested");
    const enter = async (row, text) => {
      await cell(row, 1).dblclick();
      await cell(row, 1).getByRole("textbox").fill(text);
      await page.keyboard.press("Enter");
    };
    await enter(0, "Mine");
    await enter(1, "Also mine");
    await run("update parts set name = 'Theirs' where id = 1");
    await run("delete from parts where id = 2");
    await button(bar, "Save").click();
    const conflicts = dialog(page, "Changed by someone else");
    await shows(conflicts.getByRole("cell", { name: "Theirs" }));
    await accessible(page, "conflicts");
    await button(conflicts.getByRole("region", { name: "Row 1" }), "Keep mine").click();
    await button(conflicts.getByRole("region", { name: "Row 2" }), "Use theirs").click();
    await hides(conflicts);
    await button(bar, "Save").click();
    await hides(bar.getByText("changed"));
    assert.deepEqual(await names(), ["Mine", "Washer"]);

    await shows(cell(1, 1).getByText("Washer"));
    await enter(1, "Mine");
    await button(bar, "Save").click();
    await shows(item(page, "Parts").getByText(/^Row 3, Name: UNIQUE constraint failed/));
    await shows(bar.getByText("1 changed"));
    await page
      .getByRole("navigation", { name: "Pages" })
      .getByRole("link", { name: "Queries", exact: true })
      .click();
    await button(dialog(page, "Leave without saving?"), "Stay").click();
    await button(bar, "Discard").click();
    await button(dialog(page, "Discard changes?"), "Discard").click();
    await visit(page, "Queries");
  },
);

journey(
  "a phone edits single cells by touch, and 10 000 rows scroll",
  { viewport: PHONE },
  async (page, server) => {
    const rows =
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000) select i, 'Part ' || i, i, null from n";
    const found = await stock(server, "Phone", "(0, 'First', 0, null)");
    await found.run(`insert into parts ${rows}`);
    await makeDashboard(found.api, "Phone", {
      Parts: { type: "grid", config: found.config, at: [0, 0, 12, 9] },
    });
    await signIn(page);
    const { items } = await found.api("GET", "dashboards?q=Phone");
    await page.goto(`${new URL(page.url()).pathname.replace(/\/$/, "")}/dashboards/${items[0].id}`);
    const table = item(page, "Parts").getByRole("grid");
    const cell = (row, column) => table.locator(`[data-row="${row}"][data-column="${column}"]`);
    await shows(cell(0, 1));
    await fitsSideways(page);
    const tap = async (target) => {
      await target.dispatchEvent("pointerdown", { pointerType: "touch", bubbles: true });
      await target.dispatchEvent("pointerup", { pointerType: "touch", bubbles: true });
    };
    await tap(cell(1, 1));
    await tap(cell(1, 1));
    await cell(1, 1).getByRole("textbox").fill("Tapped");
    await page.keyboard.press("Enter");
    await accessible(page, "an editable table on a phone");
    // The row numbers stay in sight while the columns scroll.
    const rowHead = table.getByRole("rowheader").first();
    await table.evaluate((grid) => (grid.scrollLeft = grid.scrollWidth));
    const [head, frame] = [await rowHead.boundingBox(), await table.boundingBox()];
    assert.ok(Math.abs(head.x - frame.x) <= 1, "the row numbers stay");
    await table.evaluate((grid) => (grid.scrollLeft = 0));
    await button(item(page, "Parts"), "Save").click();
    await hides(item(page, "Parts").getByText("1 changed"));
    assert.equal((await found.run("select name from parts where id = 1"))[0].name, "Tapped");
    await table.focus();
    await page.keyboard.press("Control+End");
    await shows(table.getByText("Part 10000"));
    assert.ok((await table.getByRole("row").count()) < 100, "only the visible rows are in the page");
  },
);

journey("the settings of an editable table come from the tables of the datasource", async (page, server) => {
  await stock(server, "Settings");
  await signIn(page);
  await visit(page, "Widgets");
  await page.getByRole("link", { name: "New widget" }).click();
  await page.getByRole("link", { name: /^Editable table/ }).click();
  await choose(page, "Query", "Parts of Settings");
  await choose(page, "Table", "parts");
  await shows(page.getByRole("region", { name: "Settings" }).getByText("id", { exact: true }).first());
  await page
    .getByRole("checkbox", { name: "Adding rows" })
    .or(page.getByRole("switch", { name: "Adding rows" }))
    .first()
    .check();
  const preview = page.getByRole("figure", { name: "Preview" });
  await shows(preview.getByRole("gridcell", { name: "Washer" }));
  await accessible(page, "the settings of an editable table");
  await button(page, "Save…").click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("Parts");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await shows(title(page, /Parts$/));
  await page.setViewportSize(DESKTOP);
});
