import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { button, hides, openFrom, shows, signIn, write } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { PHONE } from "./support/browser.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const result = (page) => page.getByRole("region", { name: "Result" });
const TRIAL = /^\d+ \/api\/v1\/tenants\/[^/]+\/data-queries\/test$/;
/** Returns that many rows, numbered from 1. */
const counting = (rows) =>
  `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${rows})\nselect i from n order by i`;

/** Opens a query of the demo and replaces its text. */
async function asking(page, sql) {
  await signIn(page);
  await openFrom(page, "Queries", "Orders by status");
  await write(page, "SQL", sql);
}

/** The demo's shop is read-only until someone changes that. */
async function allowWriting(page) {
  await openFrom(page, "Datasources", "Shop");
  const readOnly = page.getByRole("switch", { name: "Read-only" });
  if (!(await readOnly.isChecked())) return;
  await readOnly.press("Space");
  await button(page, "Save").click();
  await shows(page.getByText(/^Saved/));
}

/** Makes the browser keep the file in memory: a test cannot answer a system dialog. */
const withoutFilePicker = (page) => page.addInitScript(() => delete globalThis.showSaveFilePicker);

journey("Ctrl+Enter runs the query with its parameters", async (page) => {
  await signIn(page);
  await openFrom(page, "Queries", "Orders by status");
  await page.getByRole("textbox", { name: "SQL" }).click();
  await page.keyboard.press("Control+Enter");
  await shows(result(page).getByRole("row").nth(1));
  const all = await result(page).innerText();
  assert.match(all, /completed/);

  await page
    .getByRole("tabpanel", { name: /^Parameters/ })
    .getByRole("textbox")
    .first()
    .fill("1");
  const answered = page.waitForResponse(/\/execute$/);
  await page.keyboard.press("Control+Enter");
  const answer = await answered;
  assert.equal(answer.request().postDataJSON().parameters.days, 1);
  const { rowCount } = await answer.json();
  await shows(result(page).locator(`[aria-rowcount="${rowCount + 1}"]`));
  assert.notEqual(await result(page).innerText(), all);
  await page.getByRole("tab", { name: "Executions" }).click();
  await shows(page.getByRole("tabpanel", { name: "Executions" }).getByRole("row").nth(2));
});

journey("the settings of a chart can be used on a phone", async (page) => {
  await asking(page, "select 'a' as name, 1 as amount union all select 'b', 2");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("tab", { name: "Chart" }).click();
  await page.setViewportSize(PHONE);
  const settings = page.getByRole("tabpanel", { name: "Chart" });
  const least = [
    [settings.getByRole("radiogroup", { name: "Chart type" }), 24],
    [settings.getByLabel("Axis", { exact: true }).first(), 24],
    [settings.getByLabel("Split by").first(), 24],
    [settings.getByRole("button", { name: "Create widget" }), 24],
    [settings.getByLabel("Result as a chart").first(), 200],
  ];
  for (const [part, height] of least) {
    await part.scrollIntoViewIfNeeded();
    const box = await part.boundingBox();
    assert.ok(box.height >= height, `${part} is ${box.height} px high`);
  }
  // Nothing scrolls but the page.
  const isScrolling = await settings.evaluate((panel) =>
    [panel, ...panel.querySelectorAll("*")].some(
      (part) =>
        part.scrollHeight > part.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(part).overflowY),
    ),
  );
  assert.equal(isScrolling, false);
});

journey("an SQL error shows the database's message and position", { expected: [TRIAL] }, async (page) => {
  await signIn(page);
  await openFrom(page, "Queries", "Orders by status");
  await write(page, "SQL", "select stat\nfrom orders");
  await page.keyboard.press("Control+Enter");
  const alert = page.getByRole("alert").filter({ hasText: "The datasource returned an error" });
  await shows(alert);
  assert.match(await alert.innerText(), /no such column: stat/);
  await shows(page.locator(".cm-lintRange-error"));
  await accessible(page, "an SQL error");
  await page.getByRole("textbox", { name: "SQL" }).press("Control+End");
  await alert.getByRole("button", { name: "Show in query" }).click();
  await page.keyboard.insertText("us, ");
  await shows(page.getByText("select us, stat"));
  await write(page, "SQL", "select status\nfrom orders limit 3");
  await page.keyboard.press("Control+Enter");
  await hides(alert);
  await shows(result(page).getByRole("row").nth(3));
});

journey("a changed query is not left by accident", async (page) => {
  await signIn(page);
  await openFrom(page, "Queries", "Orders by status");
  await write(page, "SQL", "select 1");
  await page.getByRole("link", { name: "Widgets", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await shows(dialog);
  await dialog.getByRole("button", { name: "Stay" }).click();
  await hides(dialog);
  await shows(page.getByText("select 1"));
});

journey("a plan shows how the query would run, and the history records it", async (page) => {
  await signIn(page);
  await openFrom(page, "Queries", "Revenue by month");
  await page.getByRole("textbox", { name: "SQL" }).click();
  await page.keyboard.press("Control+Shift+Enter");
  const plan = page.getByRole("table", { name: "Plan" });
  await shows(plan);
  assert.match(await plan.innerText(), /orders/);
  await accessible(page, "a query's plan");
  await page.getByRole("tab", { name: "Executions" }).click();
  await shows(
    page.getByRole("tabpanel", { name: "Executions" }).getByRole("cell", { name: "Explain v1" }).first(),
  );
  await accessible(page, "a query's history");
});

journey("a change is previewed, then made", async (page) => {
  await signIn(page);
  await allowWriting(page);
  await openFrom(page, "Queries", "Orders by status");
  await write(page, "SQL", "update products set name = name || '!' where id <= 2 returning id, name");
  await page.keyboard.press("Control+Shift+Enter");
  await shows(page.getByText("2 rows would change; nothing was saved."));
  await shows(result(page).getByRole("row").nth(2));
  const before = await result(page).innerText();
  await accessible(page, "a previewed change");
  await button(page, "Preview changes").click();
  await shows(page.getByText("2 rows would change; nothing was saved."));
  assert.equal(await result(page).innerText(), before, "the first preview left nothing behind");
  await button(page, "Run now").click();
  await shows(page.getByText("2 rows changed."));
  await write(page, "SQL", "select name from products where id <= 2");
  await hides(button(page, "Preview changes"));
});

journey("a long result is loaded page by page", async (page) => {
  await asking(page, counting(1200));
  await page.keyboard.press("Control+Enter");
  const pages = page.getByRole("navigation", { name: "Result pages" });
  await shows(pages.getByText("Rows 1–500, more available"));
  await accessible(page, "a page of a result");
  await button(pages, "Next page").click();
  await shows(pages.getByText("Rows 501–1,000, more available"));
  await shows(result(page).getByRole("cell", { name: "501" }).first());
  await button(pages, "Next page").click();
  await shows(pages.getByText("Rows 1,001–1,200, end of results"));
  assert.ok(await button(pages, "Next page").isDisabled());
  await pages.getByRole("combobox", { name: "Rows per page" }).selectOption("5000");
  await shows(pages.getByText("rows 1–1,200"));
  await shows(result(page).locator('[aria-rowcount="1201"]'));
});

journey("a query that runs too long is cancelled", async (page) => {
  await asking(page, counting(2_000_000_000));
  await page.keyboard.press("Control+Enter");
  await shows(page.getByRole("tabpanel", { name: "Result" }).locator("[aria-busy]"));
  await page.getByRole("banner").or(page.locator("header")).getByRole("button", { name: "Cancel" }).click();
  await shows(page.getByText("Query cancelled."));
});

journey("all rows of the saved query are downloaded, whatever is shown", async (page) => {
  await withoutFilePicker(page);
  await asking(page, counting(1200));
  await button(page, "Save").click();
  await shows(page.getByText(/^Saved/));
  await page.keyboard.press("Control+Enter");
  await shows(page.getByText("Rows 1–500, more available"));
  await write(page, "SQL", "select 1");
  await button(page, "Download").click();
  await shows(page.getByText("All rows (saved version, without your changes)"));
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "CSV", exact: true }).click(),
  ]);
  assert.equal(file.suggestedFilename(), "Orders-by-status.csv");
  const lines = (await readFile(await file.path(), "utf8")).trim().split(/\r?\n/);
  assert.deepEqual([lines.length, lines[0], lines.at(-1)], [1201, "i", "1200"]);
});

journey(
  "results before and after a transformer are side by side, and its error is marked at its line",
  { expected: [TRIAL] },
  async (page) => {
    await asking(page, "select 2 as price, 3 as quantity");
    await page.getByRole("tab", { name: "Transformer" }).click();
    await write(
      page,
      "Transformer",
      "return data.map((row) => ({ ...row, total: row.price * row.quantity }))",
    );
    await button(page, "Compare").first().click();
    const [before, after] = ["Before", "After"].map((name) =>
      page.getByRole("region", { name, exact: true }),
    );
    await shows(after.getByRole("cell", { name: "6" }));
    assert.equal(await before.getByRole("columnheader", { name: "total" }).count(), 0);
    await accessible(page, "a transformer's before and after");
    await write(page, "Transformer", "const rows = data;\nreturn rows.nope();");
    await button(page, "Compare again").click();
    await shows(after.getByRole("alert").filter({ hasText: "line 2" }));
    await shows(page.locator(".cm-lintRange-error"));
  },
);

journey(
  "the schema inserts names and statements into the query, and the editor completes aliases",
  async (page) => {
    await asking(page, "");
    const schema = page.getByRole("region", { name: "Schema" });
    await schema.getByRole("button", { name: "Insert select * from orders" }).click();
    await shows(page.getByText("select * from orders", { exact: true }));
    await button(schema, "Columns of orders").click();
    await shows(
      schema
        .getByRole("img", { name: "References customers.id" })
        .or(schema.getByLabel("References customers.id"))
        .first(),
    );
    await schema.getByRole("textbox", { name: "Search tables and columns" }).fill("email");
    await shows(schema.getByText("email", { exact: true }));
    await hides(schema.getByText("products", { exact: true }));
    await accessible(page, "the schema");

    await write(page, "SQL", "select * from customers c where c.");
    await page.keyboard.press("Control+Space");
    await shows(page.getByRole("option", { name: /^email/ }));
    await page.keyboard.press("Escape");
    await write(page, "SQL", "select * from orders where total > {{ ");
    await page.keyboard.press("Control+Space");
    await shows(page.getByRole("option", { name: /^params\.days/ }));
  },
);

journey(
  "parameters are declared at once, results of an edited query are marked, and leaving can save",
  async (page) => {
    await asking(
      page,
      "select id, total from orders where total > {{ params.least }} and status = {{ params.state }} order by id limit 3",
    );
    const parameters = page.getByRole("region", { name: "Parameters" });
    await button(page, "Declare all").click();
    await shows(parameters.getByText(/^number$/i).first());
    assert.match(await parameters.innerText(), /least\s+number[\s\S]*state\s+text/i);
    await parameters.getByRole("textbox", { name: "Test value for least" }).fill("10");
    await parameters.getByRole("textbox", { name: "Test value for state" }).fill("completed");
    await page.keyboard.press("Control+Enter");
    await shows(result(page).getByRole("row").nth(3));
    assert.equal(await page.getByText("Outdated").count(), 0);
    await parameters.getByRole("textbox", { name: "Test value for least" }).fill("20");
    await shows(page.getByText("Outdated", { exact: true }));
    await accessible(page, "an outdated result");

    await button(page, "Show rows of customers").focus();
    await page.keyboard.press("Enter");
    const rows = page.getByRole("dialog", { name: "Rows of customers" });
    await shows(rows.getByRole("cell").first());
    await shows(rows.getByText("The first 50 rows"));
    await accessible(page, "the first rows of a table");
    await page.keyboard.press("Escape");
    await hides(rows);

    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Widgets" }).click();
    await page
      .getByRole("dialog", { name: "Leave without saving?" })
      .getByRole("button", { name: "Save and leave" })
      .click();
    await shows(page.getByRole("heading", { level: 1, name: "Widgets" }));
    await openFrom(page, "Queries", "Orders by status");
    await shows(parameters.getByText("least", { exact: true }));
  },
);
