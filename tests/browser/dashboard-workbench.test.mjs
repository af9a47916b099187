// Building a dashboard where it is: a query, its chart and their place, with one save.
import assert from "node:assert/strict";
import { button, choose, hides, openFrom, shows, signIn, title, visit, write } from "./support/app.mjs";
import { owner } from "./support/api.mjs";
import { accessible } from "./support/axe.mjs";
import { PHONE } from "./support/browser.mjs";
import { makeDashboard } from "./support/dashboards.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const item = (page, name) => page.getByRole("article", { name, exact: true });

/** Counts the clicks of a journey. */
async function countClicks(page) {
  await page.evaluate(() => {
    globalThis.clicks = 0;
    addEventListener("click", (event) => event.isTrusted && (globalThis.clicks += 1), true);
  });
  return () => page.evaluate(() => globalThis.clicks);
}

journey(
  "an empty dashboard gets a query and its chart in one drawer, with one save",
  async (page, server) => {
    const api = await owner(server);
    const dashboard = await makeDashboard(api, "Empty board", {});
    await signIn(page);
    await openFrom(page, "Dashboards", "Empty board");
    await page.getByRole("link", { name: "Edit", exact: true }).first().click();
    await shows(page.getByText("This dashboard is empty"));
    await accessible(page, "the builder of an empty dashboard");
    const clicks = await countClicks(page);
    await button(page, "Add the first widget").click();
    const drawer = page.getByRole("dialog");
    await shows(drawer.getByRole("tab", { name: "Widget from the library" }));
    await accessible(page, "the choice of what to add");
    await drawer.getByRole("button", { name: /^Write a query/ }).click();
    await choose(page, "Datasource", "Shop");
    await write(page, "SQL", "select country, count(*) as customers from customers group by country");
    await page.keyboard.press("Control+Enter");
    await shows(drawer.getByRole("region", { name: "Result" }).getByRole("cell").first());
    await accessible(page, "a query in the drawer");
    await drawer.getByRole("button", { name: "Select chart" }).click();
    await shows(drawer.getByRole("button", { name: "Bar chart", pressed: true }));
    await shows(drawer.getByRole("figure", { name: "Preview" }));
    assert.equal(await drawer.getByRole("textbox", { name: "Name", exact: true }).inputValue(), "Customers");
    await accessible(page, "a widget in the drawer");
    await drawer.getByRole("button", { name: "Add to dashboard" }).click();
    await hides(drawer);
    await shows(item(page, "Customers"));
    await button(page, "Save and view").click();
    await shows(page.getByRole("link", { name: "Edit", exact: true }));
    await shows(item(page, "Customers"));
    const pressed = await clicks();
    console.log(`empty dashboard to chart: ${pressed} clicks`);
    assert.ok(pressed <= 8, `${pressed} clicks`);

    const saved = await api("GET", `dashboards/${dashboard.id}`);
    assert.equal(saved.version, 2, "one save is one version");
    assert.equal(saved.widgets[0].dashboardID, dashboard.id);
    const queries = await api("GET", `data-queries?dashboardID=${dashboard.id}`);
    assert.deepEqual(
      queries.items.map(({ name }) => name),
      ["Customers"],
    );
  },
);

journey(
  "the query of a widget is changed on the dashboard, and a filter is added for its parameter",
  async (page) => {
    await signIn(page);
    await openFrom(page, "Dashboards", "Empty board");
    await page.getByRole("link", { name: "Edit", exact: true }).click();
    await shows(button(page, "Move Customers"));
    await shows(item(page, "Customers").locator("canvas"));
    await button(page, "Actions of Customers").click();
    await page.getByRole("menuitem", { name: "Configure" }).click();
    const drawer = page.getByRole("dialog");
    await drawer.getByRole("button", { name: "Edit query" }).click();
    await write(
      page,
      "SQL",
      "select country, count(*) as customers from customers where country = coalesce({{ params.land }}, country) group by country",
    );
    await drawer.getByRole("button", { name: /^Declare land/ }).click();
    await drawer.getByRole("button", { name: "Select chart" }).click();
    await drawer.getByRole("combobox", { name: "Source of land" }).click();
    await page.getByRole("option", { name: "Filter", exact: true }).click();
    await drawer.getByRole("button", { name: "Add filter land" }).click();
    await hides(drawer.getByRole("button", { name: "Add filter land" }));
    await drawer.getByRole("button", { name: "Apply" }).click();
    await shows(page.getByRole("region", { name: "Filters" }).getByText("Land"));
    await accessible(page, "the builder with its filters");
    await button(page, "Save and view").click();
    await shows(page.getByRole("link", { name: "Edit", exact: true }));
    await shows(page.getByRole("region", { name: "Filters" }).getByRole("textbox", { name: "Land" }));
  },
);

journey(
  "a widget moves to the library with its query, and the lists say where it is used",
  async (page, server) => {
    const api = await owner(server);
    await signIn(page);
    await visit(page, "Widgets");
    await hides(page.getByRole("main").getByRole("link", { name: "Customers", exact: true }));
    await choose(page, "Where", "Empty board");
    await shows(page.getByRole("main").getByRole("link", { name: "Customers", exact: true }));
    await openFrom(page, "Dashboards", "Empty board");
    await page.getByRole("link", { name: "Edit", exact: true }).click();
    await shows(button(page, "Move Customers"));
    await shows(item(page, "Customers").locator("canvas"));
    await button(page, "Actions of Customers").click();
    await page.getByRole("menuitem", { name: "Move to library" }).click();
    await button(page, "Save").click();
    await shows(page.getByText(/^Saved /));
    const { widgets } = await api("GET", `dashboards/${page.url().split("/").at(-2)}`);
    assert.equal(widgets[0].dashboardID, null);
    await visit(page, "Queries");
    const row = page
      .getByRole("row")
      .filter({ has: page.getByRole("link", { name: "Customers", exact: true }) });
    await shows(row.first().getByText("Customers").first());
    await accessible(page, "the library of queries");
  },
);

journey("what is added is gone after undo, and leaving asks", async (page) => {
  await signIn(page);
  await openFrom(page, "Dashboards", "Empty board");
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await button(page, "Add").click();
  await page.getByRole("dialog").getByRole("button", { name: /^Text/ }).first().click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name", exact: true }).fill("Notes");
  await page.getByRole("dialog").getByRole("textbox", { name: "Markdown" }).fill("Remember");
  await button(page.getByRole("dialog"), "Add to dashboard").click();
  await shows(item(page, "Notes"));
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Home" }).click();
  await button(page.getByRole("dialog"), "Stay").click();
  await button(page, "Undo").click();
  await hides(item(page, "Notes"));
  await page.setViewportSize(PHONE);
  await shows(button(page, "Add"));
  await page.getByRole("link", { name: "Dashboards", exact: true }).first().click();
  await shows(title(page, "Dashboards"));
});

journey("a table is shown without SQL, as a table or to be edited in place", async (page, server) => {
  const api = await owner(server);
  await makeDashboard(api, "Tables", {});
  await signIn(page);
  await openFrom(page, "Dashboards", "Tables");
  await page.getByRole("link", { name: "Edit", exact: true }).first().click();
  await button(page, "Add the first widget").click();
  const drawer = page.getByRole("dialog", { name: "Add to dashboard" });
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Show a table/ })
    .click();
  await choose(page, "Datasource", "Shop (writable)");
  await accessible(page, "the choice of a table");
  await button(page.getByRole("dialog"), "products").click();
  await shows(drawer.getByRole("button", { name: "Table", exact: true, pressed: true }));
  await button(drawer, "Editable table").click();
  await shows(drawer.getByRole("figure", { name: "Preview" }).getByRole("gridcell").first());
  assert.equal(
    await drawer.getByRole("combobox", { name: "Table", exact: true }).inputValue(),
    "products",
    "the table of the query is selected",
  );
  // What was entered is not lost by closing the drawer.
  await button(drawer, "Close").click();
  await button(page.getByRole("dialog", { name: "Discard changes?" }), "Cancel").click();
  await button(drawer, "Add to dashboard").click();
  await button(page, "Save and view").click();
  await shows(item(page, "Products").getByRole("grid"));
});
