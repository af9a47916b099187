// Widgets show what the data contains: labels, order, sums, searches, downloads, options, and the results of actions.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { owner } from "./support/api.mjs";
import { button, fitsSideways, shows, signIn, title } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { idOf, makeDashboard, sqlQuery } from "./support/dashboards.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });

const article = (page, name) => page.getByRole("article", { name, exact: true });
const cells = async (table, column) =>
  (
    await table
      .getByRole("row")
      .evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll("[role=cell]")].map((cell) => cell.innerText)),
      )
  )
    .filter((row) => row.length)
    .map((row) => row[column]);

/** Creates a query of these rows, with a JavaScript datasource. */
async function rowsOf(api, name, rows, rest = {}) {
  const { items } = await api("GET", "datasources?q=Rows&limit=10");
  const source =
    items.find((item) => item.name === "Rows") ??
    (await api("POST", "datasources", {
      name: "Rows",
      type: "javascript",
      options: {},
    }));
  const code = typeof rows === "string" ? rows : `return ${JSON.stringify(rows)}`;
  return (
    await api("POST", "data-queries", {
      name,
      datasourceID: source.id,
      options: { code },
      ...rest,
    })
  ).id;
}

async function look(page, dashboard, search = "") {
  await page.goto(`${page.url().replace(/(\/t\/[^/]+).*/, "$1")}/dashboards/${dashboard.id}${search}`);
  await shows(title(page, dashboard.name));
  await shows(page.getByText("Updated"));
}

journey(
  "charts label years, keep hours apart, split long data and say what they sum",
  async (page, server) => {
    const api = await owner(server);
    const years = await rowsOf(api, "Years", [
      { year: 2024, n: 5 },
      { year: 2025, n: 12400 },
    ]);
    const hours = await rowsOf(
      api,
      "Hours",
      [9, 10, 11].map((hour) => ({
        at: `2026-03-01T${String(hour).padStart(2, "0")}:00:00`,
        n: hour,
      })),
    );
    const long = await rowsOf(
      api,
      "Long",
      ["W1", "W2"].flatMap((week) =>
        ["open", "done"].map((status, index) => ({
          week,
          status,
          count: index + 1,
        })),
      ),
    );
    const series = [{ field: "count" }];
    const dashboard = await makeDashboard(api, "Honest charts", {
      years: {
        type: "bar",
        config: { queryID: years, x: "year", series: [{ field: "n" }] },
        at: [0, 0, 6, 4],
      },
      hours: {
        type: "bar",
        config: { queryID: hours, x: "at", series: [{ field: "n" }] },
        at: [6, 0, 6, 4],
      },
      sums: {
        type: "bar",
        config: { queryID: long, x: "week", series },
        at: [0, 4, 6, 4],
      },
      split: {
        type: "bar",
        config: { queryID: long, x: "week", split: "status", series },
        at: [6, 4, 6, 4],
      },
      zigzag: {
        type: "line",
        config: { queryID: long, x: "week", series },
        at: [0, 8, 6, 4],
      },
      gone: {
        type: "pie",
        config: { queryID: long, label: "store", value: "count" },
        at: [6, 8, 6, 4],
      },
    });
    await signIn(page);
    await look(page, dashboard);
    for (const name of ["years", "hours", "sums", "split"])
      await article(page, name).locator("tbody tr").first().waitFor({ state: "attached" });
    const behind = (name) =>
      article(page, name)
        .locator("tbody tr")
        .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
    assert.deepEqual(await behind("years"), [
      ["2024", "5"],
      ["2025", "12,400"],
    ]);
    assert.equal(new Set((await behind("hours")).map(([name]) => name)).size, 3);
    assert.deepEqual(await behind("sums"), [
      ["W1", "3"],
      ["W2", "3"],
    ]);
    await shows(article(page, "sums").getByRole("note").getByText("Rows with the same week are summed."));
    assert.deepEqual(await behind("split"), [
      ["W1", "1", "2"],
      ["W2", "1", "2"],
    ]);
    await shows(article(page, "zigzag").getByText("Split by status, because the values on the axis repeat."));
    await shows(article(page, "gone").getByText(/no column “store”/));
    await accessible(page, "charts that say what they do");
    await page.setViewportSize({ width: 390, height: 844 });
    await fitsSideways(page);
  },
);

journey(
  "a table is sorted by amount, searched as displayed, and downloaded as shown",
  async (page, server) => {
    const api = await owner(server);
    const means = await rowsOf(
      api,
      "Means",
      ["10.3333333333333333", 10.5, 7, "9.6666666666666667", 3, 4, 5, 6, 8].map((mean, index) => ({
        shop: `s${index}`,
        mean,
        note: `n${index}x`,
        secret: index,
      })),
    );
    const columns = [
      { field: "shop", label: "Shop" },
      { field: "mean", format: "currency", currency: "EUR" },
      { field: "note", hidden: true },
    ];
    const dashboard = await makeDashboard(api, "Honest table", {
      means: {
        type: "table",
        config: { queryID: means, columns, pageSize: 0 },
        at: [0, 0, 12, 8],
      },
    });
    await signIn(page);
    await look(page, dashboard);
    const table = page.getByRole("table", { name: "means" });
    await table.getByRole("columnheader", { name: "mean" }).getByRole("button").click();
    assert.deepEqual(await cells(table, 0), ["s4", "s5", "s6", "s7", "s2", "s8", "s3", "s0", "s1"]);
    const search = page.getByRole("textbox", { name: "Search means" });
    await search.fill("€10.");
    await page.waitForFunction(
      () => document.querySelectorAll("[role=table] [role=rowgroup] [role=row]").length === 2,
    );
    assert.deepEqual(await cells(table, 0), ["s0", "s1"]);
    await search.fill("n3x");
    await shows(page.getByText("No results"));
    await search.fill("€10.");
    await page.waitForFunction(
      () => document.querySelectorAll("[role=table] [role=rowgroup] [role=row]").length === 2,
    );
    const saved = async (name) => {
      await button(page, "Actions of means").click();
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("menuitem", { name }).click(),
      ]);
      return (await readFile(await file.path(), "utf8")).split("\r\n");
    };
    assert.deepEqual(await saved("Download as CSV"), ["Shop,mean", "s0,10.3333333333333333", "s1,10.5"]);
    const all = await saved("All rows and columns as CSV");
    assert.deepEqual([all.length, all[0]], [10, "shop,mean,note,secret"]);
  },
);

journey(
  "an option beyond the first thousand is found, and a row without a value can be selected",
  async (page, server) => {
    const api = await owner(server);
    const many = await rowsOf(
      api,
      "Many",
      "return Array.from({ length: 1500 }, (_, i) => ({ v: 'c' + String(i).padStart(4, '0') }))",
    );
    const regions = await rowsOf(api, "Regions", [
      { region: "EU", n: 1 },
      { region: null, n: 2 },
    ]);
    const widgets = {
      regions: {
        type: "table",
        config: {
          queryID: regions,
          selects: [{ variable: "region", field: "region" }],
        },
        at: [0, 0, 12, 4],
      },
    };
    const variables = [
      {
        name: "customer",
        type: "select",
        source: { queryID: many, valueField: "v" },
      },
      { name: "region", type: "text" },
    ];
    const dashboard = await makeDashboard(api, "Honest choices", widgets, {
      variables,
    });
    await signIn(page);
    await look(page, dashboard);
    const box = page
      .getByRole("combobox", { name: "Customer" })
      .or(page.getByRole("textbox", { name: "Customer" }))
      .first();
    await box.click();
    await shows(page.getByRole("option", { name: /Type to search/ }));
    await box.fill("c1234");
    await page.getByRole("option", { name: "c1234", exact: true }).click();
    await page.waitForURL(/customer=c1234/);
    await box.fill("nobody");
    await shows(page.getByText("No results"));
    await page.keyboard.press("Escape");

    const row = (index) => page.getByRole("table", { name: "regions" }).getByRole("row").nth(index);
    await row(1).click();
    await page.waitForURL(/region=EU/);
    await shows(page.locator("[role=row][aria-selected=true]").getByText("EU"));
    await row(2).click();
    await page.waitForURL(/region=(&|$)/);
    await shows(button(page, "Clear filter Region: no value"));
    await accessible(page, "a dashboard with choices");
    await button(page, "Clear filter Region: no value").click();
    await page.waitForURL((url) => !url.searchParams.has("region"));
  },
);

journey("a dashboard refreshes only when the last response has arrived", async (page, server) => {
  const api = await owner(server);
  const slow = await rowsOf(api, "Slow", [{ v: "here" }]);
  const dashboard = await makeDashboard(
    api,
    "Slow dashboard",
    { slow: { type: "table", config: { queryID: slow }, at: [0, 0, 6, 4] } },
    { refreshSeconds: 1 },
  );
  await signIn(page);
  let [asked, waiting, most] = [0, 0, 0];
  await page.route(`**/dashboards/${dashboard.id}/data`, async (route) => {
    asked += 1;
    waiting += 1;
    most = Math.max(most, waiting);
    // Longer than three refreshes.
    await new Promise((done) => setTimeout(done, 3500));
    waiting -= 1;
    await route.continue().catch(() => undefined);
  });
  await page.goto(`${page.url().replace(/(\/t\/[^/]+).*/, "$1")}/dashboards/${dashboard.id}`);
  await shows(article(page, "slow").getByRole("cell", { name: "here" }));
  while (asked < 3)
    await page.waitForRequest((request) => request.url().endsWith(`/dashboards/${dashboard.id}/data`));
  assert.equal(most, 1);
});

journey(
  "a form sends its initial values, reports unset variables, and keeps its input",
  async (page, server) => {
    const api = await owner(server);
    const customer = await sqlQuery(api, "One order", "select id, status from orders order by id limit 1");
    const update = await idOf(api, "data-queries", "Set an order's status");
    const fields = [{ name: "status", type: "text" }];
    const form = (values) => ({
      queryID: customer,
      fields,
      action: {
        type: "query",
        queryID: update,
        values: { status: "{{ form.status }}", ...values },
      },
    });
    const dashboard = await makeDashboard(
      api,
      "Honest forms",
      {
        row: {
          type: "form",
          config: form({ order: "{{ row.id }}" }),
          at: [0, 0, 6, 5],
        },
        variable: {
          type: "form",
          config: form({ order: "{{ vars.order }}" }),
          at: [6, 0, 6, 5],
        },
        nobody: { type: "form", config: form({ order: -1 }), at: [0, 5, 6, 5] },
      },
      { variables: [{ name: "order", type: "number" }] },
    );
    await signIn(page);
    await look(page, dashboard);
    const send = async (name, status) => {
      const one = article(page, name);
      await one.getByRole("textbox", { name: "Status" }).fill(status);
      await one.getByRole("button", { name: "Send" }).click();
      return one;
    };
    const asked = page.waitForRequest((request) => request.url().endsWith("/actions"));
    await shows((await send("row", "shipped")).getByText("1 row changed."));
    const { row, form: entered } = (await asked).postDataJSON();
    assert.deepEqual([typeof row.id, entered.status], ["number", "shipped"]);

    const variable = article(page, "variable");
    await shows(variable.getByText("Set “Order” first."));
    assert.ok(await variable.getByRole("button", { name: "Send" }).isDisabled());

    const nobody = await send("nobody", "shipped");
    await shows(nobody.getByText(/No rows changed/));
    assert.equal(await nobody.getByRole("textbox", { name: "Status" }).inputValue(), "shipped");
    await accessible(page, "forms that say what happened");
  },
);
