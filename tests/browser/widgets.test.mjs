// Every type of widget: rendered, usable and accessible; actions need the reader's permission.
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
import { accessible } from "./support/axe.mjs";
import { PHONE } from "./support/browser.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const GALLERY = "Widget gallery";
const CHARTS = [
  "Monthly revenue by category",
  "Revenue share by category",
  "Filter by country",
  "Orders over time",
  "Share of orders by status",
  "Price and sales",
  "Orders by weekday and hour",
  "Conversion funnel",
  "Revenue by city",
  "Target reached",
];

const item = (page, name) => page.getByRole("article", { name, exact: true });

async function open(page, role) {
  await signIn(page, role);
  await openFrom(page, "Dashboards", GALLERY);
}

/** Waits until every item of the gallery shows its data. */
async function allDrawn(page) {
  for (const name of CHARTS) await shows(item(page, name).locator("canvas").first());
  await shows(item(page, "Orders found").getByRole("row").nth(5));
  await shows(item(page, "Monthly revenue").getByText("Previous:"));
  await shows(item(page, "Progress to target").getByRole("progressbar"));
  await shows(item(page, "Best customers").getByRole("option").first());
  await shows(item(page, "Recent orders").getByRole("listitem").first());
  await shows(item(page, "Latest order").getByText("@example.com"));
  await shows(item(page, "Latest order items").getByText("quantity").first());
  await shows(item(page, "Delivery note").frameLocator("iframe").getByText("EUR"));
  await shows(item(page, "Shop logo").getByRole("img", { name: /shop logo/i }));
  await shows(item(page, "About the gallery").getByText("EUR in 30 days"));
  await shows(item(page, "Latest summaries").getByText("Completed").first());
  await shows(button(item(page, "Refund an order"), "Refund"));
  await shows(item(page, "Country").getByRole("combobox"));
  await shows(item(page, "Minimum amount").getByRole("slider"));
  assert.equal(await page.getByRole("alert").count(), 0, "an item failed");
}

journey("every type is rendered, accessible in both schemes, and fits a phone", async (page) => {
  await open(page);
  await allDrawn(page);
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme });
    await shows(page.locator(`html[data-mantine-color-scheme=${scheme}]`));
    await allDrawn(page);
    await accessible(page, `the gallery, ${scheme}`);
  }
  await page.setViewportSize(PHONE);
  await allDrawn(page);
  await fitsSideways(page);
  await accessible(page, "the gallery, phone");
});

journey("the gallery is accessible while it is edited, and so is a table with row actions", async (page) => {
  await open(page);
  await page.getByRole("link", { name: "Edit" }).click();
  await shows(button(page, "Move Orders found"));
  await shows(item(page, "Revenue by city").locator("canvas").first());
  await accessible(page, "the gallery's editor");
  await openFrom(page, "Dashboards", "Operations");
  const orders = item(page, "Open orders");
  await shows(button(orders, "Ship").first());
  await accessible(page, "a table with row actions");
  await button(orders, "Ship").first().click();
  const question = page.getByRole("dialog", { name: "Ship" });
  await shows(question.getByText(/^Mark order \d+ of .+ as shipped\?$/));
  await button(question, "Ship").click();
  await shows(orders.getByText("1 row changed."));
  await button(orders, "Refund").first().click();
  await shows(page.getByRole("dialog", { name: "Refund" }).getByText(/^Refund order \d+ of /));
});

journey("inputs and selected points filter a table, and stay in the URL", async (page) => {
  await open(page);
  await allDrawn(page);
  const found = item(page, "Orders found");
  await choose(page, "Country", "Spain");
  await hides(found.getByRole("cell", { name: "Germany" }).first());
  assert.equal(new URL(page.url()).searchParams.get("country"), "Spain");
  await item(page, "Best customers").getByRole("option").first().click();
  await page.waitForURL(/search=/);
  const name = new URL(page.url()).searchParams.get("search");
  await shows(item(page, "Search customers").locator(`input[value="${name}"]`));
  // with the keyboard, in the table behind a chart
  const canvas = item(page, "Filter by country").locator("canvas").first();
  const before = await canvas.evaluate((element) => element.toDataURL());
  await item(page, "Filter by country").getByRole("button", { name: "Select Germany" }).press("Enter");
  await page.waitForURL(/country=Germany/);
  // The bars that are not selected fade.
  await page.waitForFunction(
    ([element, old]) => element.toDataURL() !== old,
    [await canvas.elementHandle(), before],
  );
});

journey("a table is searched, filtered, sorted and rearranged by its reader", async (page) => {
  await open(page);
  const found = item(page, "Orders found");
  const shown = found.getByRole("row");
  await shows(shown.nth(5));
  await button(found, "Filter Orders found").click();
  const filters = page.getByRole("dialog", { name: /^Filter/ });
  await button(filters, "Add condition").click();
  await choose(filters, "Column of condition 1", "Status");
  await filters.getByRole("combobox", { name: "Value of condition 1" }).fill("refunded");
  await page.keyboard.press("Escape");
  await shows(found.getByText(/^Matches: /));
  await hides(found.getByRole("cell", { name: "Edit Status: pending" }).first());
  await found.getByRole("columnheader", { name: "Total" }).getByRole("button").click();
  const amounts = async () =>
    (await found.getByRole("cell", { name: "€" }).allInnerTexts()).map((text) =>
      Number(text.replace(/[^\d.]/g, "")),
    );
  const sorted = await amounts();
  assert.deepEqual(
    sorted,
    [...sorted].sort((a, b) => a - b),
  );
  await button(found, "Columns of Orders found").click();
  const columns = page.getByRole("dialog", {
    name: "Columns of Orders found",
  });
  await columns.getByRole("checkbox", { name: "City" }).check();
  await columns.getByRole("checkbox", { name: "Country" }).uncheck();
  await page.keyboard.press("Escape");
  await shows(found.getByRole("columnheader", { name: "City" }));
  await page.reload();
  await shows(found.getByRole("columnheader", { name: "City" }));
  assert.equal(
    await found.getByRole("columnheader", { name: "Country" }).count(),
    0,
    "the columns are remembered",
  );
});

journey("a cell is edited after confirmation, and the data is reloaded", async (page) => {
  await open(page);
  const found = item(page, "Orders found");
  const first = found.getByRole("row").filter({ hasText: "pending" }).first();
  const order = await first.getByRole("cell").first().innerText();
  await button(first, "Edit Status: pending").click();
  await page.getByRole("option", { name: "shipped", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Update Status?" });
  await shows(dialog.getByText("Changes “pending” to “shipped”."));
  await accessible(page, "a question before a change");
  await button(dialog, "Update").click();
  await shows(found.getByText("1 row changed."));
  await shows(
    found.getByRole("row").filter({ hasText: order }).getByRole("button", { name: "Edit Status: shipped" }),
  );
});

journey("a button starts a workflow and follows it to its end", async (page) => {
  await open(page);
  const sum = item(page, "Summarize sales");
  const runs = item(page, "Latest summaries").getByRole("listitem");
  await shows(runs.nth(3));
  await button(sum, "Summarize 30 days").click();
  await shows(sum.getByText("The workflow completed."));
  await shows(runs.nth(4));
  await sum.getByRole("link", { name: "Open run" }).click();
  await shows(page.getByText("Run output"));
});

journey("a form reports errors, asks for confirmation, and follows what it started", async (page) => {
  await open(page);
  const form = item(page, "Refund an order");
  await button(form, "Refund").click();
  await shows(form.getByText("This field is required."));
  await shows(form.getByText("This box must be checked."));
  await form.getByRole("textbox", { name: "Order" }).fill("12");
  await form.getByRole("checkbox").check();
  await button(form, "Refund").click();
  const dialog = page.getByRole("dialog", { name: "Refund" });
  await shows(dialog.getByText("Order 12 will be marked as refunded in 10 seconds"));
  await button(dialog, "Refund").click();
  await shows(form.getByText("Waiting"));
  await shows(form.getByText("The order was refunded."));
  assert.equal(await form.getByRole("textbox", { name: "Order" }).inputValue(), "");
});

journey("a read-only member sees everything and is told why actions are disabled", async (page) => {
  await open(page, "Viewer");
  await allDrawn(page);
  assert.equal(await button(item(page, "Summarize sales"), "Summarize 30 days").isDisabled(), true);
  await shows(item(page, "Summarize sales").getByText("Your role can only view dashboards."));
  assert.equal(await button(item(page, "Refund an order"), "Refund").isDisabled(), true);
  assert.equal(
    await item(page, "Orders found")
      .getByRole("button", { name: /^Edit Status/ })
      .count(),
    0,
  );
  await accessible(page, "the gallery, as a viewer");
});

journey("a table with actions is configured in the editor, and works", async (page) => {
  await signIn(page);
  await visit(page, "Widgets");
  await page.getByRole("link", { name: "New widget" }).click();
  await shows(title(page, "New widget"));
  await accessible(page, "the kinds of widget");
  await page.getByRole("link", { name: /^Button/ }).click();
  await page.getByRole("textbox", { name: "Label" }).fill("Ship order 5");
  await choose(page, "Query of Action", /^Set an order's status/);
  await page
    .getByRole("textbox", { name: "Value of order" })
    .or(page.getByRole("combobox", { name: "Value of order" }))
    .first()
    .fill("5");
  await page
    .getByRole("textbox", { name: "Value of status" })
    .or(page.getByRole("combobox", { name: "Value of status" }))
    .first()
    .fill("shipped");
  await page.keyboard.press("Escape");
  await accessible(page, "a button's settings");
  const preview = page.getByRole("figure", { name: "Preview" });
  await button(preview, "Ship order 5").click();
  const dialog = page.getByRole("dialog", { name: "Ship order 5" });
  await shows(dialog.getByText(/This runs for real/));
  await button(dialog, "Ship order 5").click();
  await shows(preview.getByText("1 row changed."));
  await button(page, "Save…").click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("Ship order 5");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await shows(title(page, /Ship order 5$/));
});

const MANY =
  "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) select i as id, 'Name ' || i as name from n";

journey("long results scroll or are paginated, and an error shows its request ID", async (page, server) => {
  const api = await owner(server);
  const datasourceID = (await api("GET", "datasources?q=Shop")).items.find(({ name }) => name === "Shop").id;
  const query = (name, sql) =>
    api("POST", "data-queries", {
      name,
      datasourceID,
      options: { sql },
      maxRows: 100_000,
      timeoutMs: 60_000,
    });
  const widget = async (name, queryID, config) => ({
    key: name.toLowerCase(),
    widgetID: (
      await api("POST", "widgets", {
        name,
        type: "table",
        config: { queryID, ...config },
      })
    ).id,
  });
  const many = await query("Many", MANY);
  const items = [
    await widget("Whole", many.id, { pageSize: 0 }),
    await widget("Paged", many.id, { pageSize: 50, serverPaging: true }),
    await widget("Broken", (await query("Broken", "select * from nowhere")).id, {}),
  ];
  await api("POST", "dashboards", { name: "Long answers", items });
  await signIn(page);
  await openFrom(page, "Dashboards", "Long answers");

  const whole = page.getByRole("region", { name: "Whole" });
  await shows(whole.getByRole("cell", { name: "Name 1", exact: true }));
  await whole.evaluate((region) => region.scrollTo(0, region.scrollHeight));
  await shows(whole.getByRole("cell", { name: "Name 100000", exact: true }));
  assert.ok((await whole.getByRole("row").count()) < 100, "only what can be seen is in the page");

  const paged = item(page, "Paged");
  await shows(paged.getByText("1–50 of many"));
  await button(paged, "Next page").click();
  await shows(paged.getByText("51–100 of many"));
  await shows(paged.getByRole("cell", { name: "Name 51", exact: true }));
  await button(paged, "Previous page").click();
  await shows(paged.getByRole("cell", { name: "Name 1", exact: true }));

  const broken = item(page, "Broken");
  await shows(broken.getByRole("alert").filter({ hasText: "nowhere" }));
  await shows(broken.getByText(/^Request ID /));
});
