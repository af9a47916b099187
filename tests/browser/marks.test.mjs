// Marks of charts that are clicked.
import assert from "node:assert/strict";
import { owner } from "./support/api.mjs";
import { shows, signIn, title } from "./support/app.mjs";
import { makeDashboard } from "./support/dashboards.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });

const article = (page, name) => page.getByRole("article", { name, exact: true });

journey("a selected mark opens a drawer, and another dashboard with its values", async (page, server) => {
  const api = await owner(server);
  const source = await api("POST", "datasources", { name: "Rows", type: "javascript", options: {} });
  const query = async (name, code, parameters = []) =>
    (await api("POST", "data-queries", { name, datasourceID: source.id, options: { code }, parameters })).id;
  const rows = await query("Cities", `return [{ city: "Bonn", people: 330000 }]`);
  const details = await query("City", "return [{ name: params.city ?? '', note: 'On the Rhine' }]", [
    { name: "city", type: "string", required: false },
  ]);
  const variables = [{ name: "city", type: "text", default: null, options: [] }];
  const there = await makeDashboard(
    api,
    "The city",
    {
      about: {
        type: "keyValue",
        config: { queryID: details, parameters: { city: "{{ vars.city }}" } },
        at: [0, 0, 6, 4],
      },
    },
    { variables },
  );
  const bars = { queryID: rows, x: "city", series: [{ field: "people" }] };
  const chart = (config) => ({ type: "bar", config: { ...bars, ...config }, at: [0, 0, 6, 5] });
  const dashboard = await makeDashboard(
    api,
    "Marks",
    {
      drawer: chart({ selects: [{ variable: "city", field: "city" }] }),
      away: {
        ...chart({
          opens: { type: "dashboard", dashboardID: there.id, variables: { city: "{{ row.city }}" } },
        }),
        at: [6, 0, 6, 5],
      },
      about: {
        type: "keyValue",
        config: { queryID: details, parameters: { city: "{{ vars.city }}" } },
        at: [0, 5, 6, 4],
      },
    },
    { variables },
  );
  // The details are kept in a drawer, which the chart opens.
  const [about] = dashboard.items.filter(({ key }) => key === "about");
  const [shown] = dashboard.items.filter(({ key }) => key === "drawer");
  await api("PATCH", `dashboards/${dashboard.id}`, {
    items: dashboard.items.map((item) => (item === about ? { ...item, drawer: true } : item)),
    layouts: { lg: dashboard.layouts.lg.filter(({ i }) => i !== "about") },
  });
  await api("PATCH", `widgets/${shown.widgetID}`, {
    config: {
      ...bars,
      selects: [{ variable: "city", field: "city" }],
      opens: { type: "widget", widgetID: about.widgetID },
    },
  });
  await page.emulateMedia({ reducedMotion: "reduce" });
  await signIn(page);
  await page.goto(`${page.url().replace(/(\/t\/[^/]+).*/, "$1")}/dashboards/${dashboard.id}`);
  await shows(title(page, dashboard.name));
  // The only bar is in the middle of the chart.
  const clickBar = async (name) => {
    const canvas = article(page, name).locator("canvas").first();
    await shows(canvas);
    const at = await canvas.evaluateHandle((element) => {
      const { width, height } = element.getBoundingClientRect();
      return { x: Math.round(width * 0.53), y: Math.round(height * 0.6) };
    });
    await page.waitForFunction(
      ([element, { x, y }]) => {
        const scale = element.width / element.getBoundingClientRect().width;
        return element.getContext("2d").getImageData(x * scale, y * scale, 1, 1).data[3] > 0;
      },
      [await canvas.elementHandle(), await at.jsonValue()],
    );
    await canvas.click({ position: await at.jsonValue() });
  };
  await clickBar("drawer");
  const drawer = page.getByRole("dialog", { name: "about" });
  await shows(drawer.getByText("On the Rhine"));
  await shows(drawer.getByRole("group", { name: "Details" }).getByText("Bonn", { exact: true }));
  assert.equal(new URL(page.url()).searchParams.get("city"), "Bonn");
  await page.keyboard.press("Escape");
  await clickBar("away");
  await page.waitForURL(/city=Bonn/);
  await shows(title(page, "The city"));
  await shows(article(page, "about").getByText("Bonn"));
});
