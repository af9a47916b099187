// Dashboards for journeys; `api` is what `owner` in api.mjs returns.
import assert from "node:assert/strict";

/** Returns the id of the record with this name. */
export async function idOf(api, plural, name) {
  const { items } = await api("GET", `${plural}?q=${encodeURIComponent(name)}&limit=200`);
  const found = items.find((item) => item.name === name);
  assert.ok(found, `${plural} has ${name}`);
  return found.id;
}

/** Creates a query of the demo's shop. */
export async function sqlQuery(api, name, sql, parameters = []) {
  const datasourceID = await idOf(api, "datasources", "Shop");
  return (
    await api("POST", "data-queries", {
      name,
      datasourceID,
      options: { sql },
      parameters,
    })
  ).id;
}

/**
 * Creates a dashboard of new widgets, named after their keys: `{ key: { type, config, tab?, at: [x, y, w, h] } }`.
 * Returns the dashboard.
 */
export async function makeDashboard(api, name, widgets, rest = {}) {
  const items = [];
  const cells = [];
  for (const [
    key,
    {
      type,
      config,
      tab,
      at: [x, y, w, h],
    },
  ] of Object.entries(widgets)) {
    const { id } = await api("POST", "widgets", {
      name: `${key} of ${name}`,
      type,
      config,
    });
    items.push({ key, title: key, widgetID: id, ...(tab ? { tab } : {}) });
    cells.push({ i: key, x, y, w, h });
  }
  return api("POST", "dashboards", {
    name,
    items,
    layouts: { lg: cells },
    ...rest,
  });
}

/** Returns the cells of the table behind a chart. */
export async function behind(chart) {
  await chart.locator("tbody tr").first().waitFor({ state: "attached" });
  return chart
    .locator("tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
}
