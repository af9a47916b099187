// Selected rows open widgets, dashboards and pages; forms and buttons run under conditions, one action after another.
import assert from "node:assert/strict";
import { owner } from "./support/api.mjs";
import { button, fitsSideways, hides, shows, signIn, title } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { idOf, makeDashboard, sqlQuery } from "./support/dashboards.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const article = (page, name) => page.getByRole("article", { name, exact: true });
const rowOf = (page, id) =>
  page.getByRole("table", { name: "orders" }).getByRole("row", { name: new RegExp(`^${id}\\b`) });

async function open(page, dashboard, search = "") {
  await page.goto(`${page.url().replace(/(\/t\/[^/]+).*/, "$1")}/dashboards/${dashboard.id}${search}`);
  await shows(title(page, dashboard.name));
}

let desk;

/** Orders with a form in a drawer that changes the selected one, and a dashboard for one order. */
const orders = (server) => (desk ??= createOrders(server));

async function createOrders(server) {
  const api = await owner(server);
  const all = await sqlQuery(api, "All orders", "select id, status from orders order by id limit 12");
  const one = await sqlQuery(api, "The order", "select id, status from orders where id = {{ params.id }}", [
    { name: "id", type: "number", required: true },
  ]);
  const update = await idOf(api, "data-queries", "Set an order's status");
  const of = { queryID: one, parameters: { id: "{{ vars.order }}" } };
  const order = [{ name: "order", type: "number", hidden: true }];
  const details = await makeDashboard(
    api,
    "One order",
    { facts: { type: "keyValue", config: of, at: [0, 0, 6, 4] } },
    { variables: order },
  );
  const act = (values) => ({ type: "query", queryID: update, values });
  const form = await api("POST", "widgets", {
    name: "Edit order",
    type: "form",
    config: {
      ...of,
      fields: [{ name: "status", required: true }],
      submit: "Save order",
      action: act({ order: "{{ row.id }}", status: "{{ form.status }}" }),
      done: "Order {{ row.id }} is {{ form.status }}.",
    },
  });
  const table = await api("POST", "widgets", {
    name: "Table of orders",
    type: "table",
    config: {
      queryID: all,
      pageSize: 12,
      selects: [{ variable: "order", field: "id" }],
      rowActions: [
        { label: "Edit", action: { type: "open", to: { type: "widget", widgetID: form.id } } },
        {
          label: "Look",
          action: {
            type: "open",
            to: { type: "dashboard", dashboardID: details.id, variables: { order: "{{ row.id }}" } },
          },
        },
        {
          label: "Cancel",
          action: act({ order: "{{ row.id }}", status: "cancelled" }),
          disabledWhen: [{ field: "status", operator: "equals", value: "cancelled" }],
          confirm: "Cancel order {{ row.id }}?",
        },
      ],
    },
  });
  const facts = await api("POST", "widgets", { name: "Facts", type: "keyValue", config: of });
  const dashboard = await api("POST", "dashboards", {
    name: "Order desk",
    items: [
      { key: "table", title: "orders", widgetID: table.id },
      { key: "facts", title: "facts", widgetID: facts.id },
      { key: "form", title: "Edit order", widgetID: form.id, drawer: true },
    ],
    layouts: {
      lg: [
        { i: "table", x: 0, y: 0, w: 8, h: 9 },
        { i: "facts", x: 8, y: 0, w: 4, h: 5 },
      ],
    },
    variables: order,
  });
  return { dashboard, api };
}

journey(
  "a row opens a form in a drawer, which saves, says so, and shows the new data",
  async (page, server) => {
    const { dashboard } = await orders(server);
    await signIn(page);
    await open(page, dashboard);
    await shows(article(page, "facts").getByText("Select a row in “orders”."));
    await rowOf(page, 3).click();
    await shows(page.locator("[role=row][aria-selected=true]").getByText("3", { exact: true }));
    await shows(article(page, "facts").getByText("status"));
    assert.equal(await page.getByRole("region", { name: "Filters" }).count(), 0);
    await accessible(page, "a selected row");

    await rowOf(page, 4).getByRole("button", { name: "Edit" }).click();
    const drawer = page.getByRole("dialog", { name: "Edit order" });
    await drawer.getByRole("textbox", { name: "Status" }).fill("pending");
    await accessible(page, "a form in a drawer");
    await button(drawer, "Save order").click();
    await shows(page.getByText("Edit order: Order 4 is pending."));
    await hides(drawer);
    await shows(rowOf(page, 4).getByText("pending"));
    await shows(article(page, "facts").getByText("pending"));
    assert.equal(await rowOf(page, 4).getAttribute("aria-selected"), "true", "a changed row stays selected");
    await accessible(page, "a selected row with a status");

    await rowOf(page, 4).getByRole("button", { name: "Cancel" }).click();
    await button(page.getByRole("dialog", { name: "Cancel" }), "Cancel")
      .last()
      .click();
    await shows(rowOf(page, 4).getByText("cancelled"));
    assert.ok(await rowOf(page, 4).getByRole("button", { name: "Cancel" }).isDisabled());
  },
);

journey(
  "rows are selected with the keyboard, and lead to another dashboard with their values",
  async (page, server) => {
    const { dashboard } = await orders(server);
    await signIn(page);
    await open(page, dashboard);
    await rowOf(page, 1).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/order=2/);
    await shows(page.locator("[role=row][aria-selected=true]").getByText("2", { exact: true }));
    await page.keyboard.press("Escape");
    await page.waitForURL((url) => !url.searchParams.has("order"));
    await shows(article(page, "facts").getByText("Select a row in “orders”."));

    await rowOf(page, 5).getByRole("button", { name: "Look" }).focus();
    await page.keyboard.press("Enter");
    await shows(title(page, "One order"));
    await page.waitForURL(/order=5/);
    await shows(article(page, "facts").getByText("5", { exact: true }));
    await page.goBack();
    await shows(title(page, "Order desk"));
  },
);

journey("on a phone a row opens its form over the whole width", async (page, server) => {
  const { dashboard } = await orders(server);
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page);
  await open(page, dashboard);
  await rowOf(page, 6).getByRole("button", { name: "Edit" }).click();
  const drawer = page.getByRole("dialog", { name: "Edit order" });
  const input = drawer.getByRole("textbox", { name: "Status" });
  await shows(input);
  await fitsSideways(page);
  await accessible(page, "a drawer on a phone");
  await page.keyboard.press("Escape");
  await hides(drawer);
  // Who closes the drawer is done with the row.
  await page.waitForURL((url) => !url.searchParams.has("order"));
  await fitsSideways(page);
});
