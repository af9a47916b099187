// Viewing dashboards: tabs, relative ranges, slow and failing items, full screen, printing.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { button, choose, fitsSideways, hides, openFrom, shows, signIn } from "./support/app.mjs";
import { owner } from "./support/api.mjs";
import { accessible, accessibleEverywhere } from "./support/axe.mjs";
import { newPage, PHONE } from "./support/browser.mjs";
import { idOf, makeDashboard, sqlQuery } from "./support/dashboards.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const item = (page, name) => page.getByRole("article", { name, exact: true });
const tab = (page, name) => page.getByRole("tab", { name, exact: true });
const asksForData = (page) =>
  page.waitForRequest(
    (request) => request.method() === "POST" && /\/dashboards\/[^/]+\/data$/.test(request.url()),
  );
const parameter = (page, name) => new URL(page.url()).searchParams.get(name);

const figure = (queryID, at, tab) => ({
  type: "number",
  config: { queryID, field: "n" },
  at,
  ...(tab ? { tab } : {}),
});

/** Creates a dashboard with two tabs of one number each, and a variable that filters both. */
async function tabbed(server, name) {
  const api = await owner(server);
  const count = await sqlQuery(
    api,
    `Count for ${name}`,
    "select count(*) as n from customers where {{ params.country }} is null or country = {{ params.country }}",
    [{ name: "country", type: "string" }],
  );
  const countries = await idOf(api, "data-queries", "Countries");
  const shown = (at, on) => ({
    ...figure(count, at, on),
    config: {
      queryID: count,
      field: "n",
      parameters: { country: "{{ vars.country }}" },
    },
  });
  return makeDashboard(
    api,
    name,
    {
      "All customers": shown([0, 0, 3, 2], "people"),
      "The same customers": shown([0, 0, 6, 3], "again"),
    },
    {
      tabs: [
        { key: "people", title: "People" },
        { key: "again", title: "Once more" },
      ],
      variables: [
        {
          name: "country",
          type: "select",
          label: "Country",
          source: { queryID: countries, valueField: "country" },
        },
      ],
    },
  );
}

journey(
  "a tab is in the URL, loads only its own items, and works with the back button",
  async (page, server) => {
    await signIn(page);
    const { id } = await tabbed(server, "Two pages");
    const first = asksForData(page);
    await openFrom(page, "Dashboards", "Two pages");
    assert.equal((await first).postDataJSON().tab, "people");
    await shows(item(page, "All customers").getByText(/\d/).first());
    assert.equal(await item(page, "The same customers").count(), 0);

    const second = asksForData(page);
    await tab(page, "People").press("ArrowRight");
    assert.equal((await second).postDataJSON().tab, "again");
    await shows(item(page, "The same customers").getByText(/\d/).first());
    assert.equal(parameter(page, "tab"), "again");
    await hides(item(page, "All customers"));
    await page.goBack();
    await shows(item(page, "All customers").getByText(/\d/).first());
    assert.equal(parameter(page, "tab"), null);

    await page.goto(`${new URL(page.url()).pathname}?tab=again`);
    await shows(
      page
        .getByRole("tabpanel", { name: "Once more" })
        .getByRole("article", { name: "The same customers" })
        .getByText(/\d/)
        .first(),
    );
    assert.equal(await tab(page, "Once more").getAttribute("aria-selected"), "true");
    await accessibleEverywhere(page, "a dashboard with tabs");
    await page.setViewportSize(PHONE);
    await shows(item(page, "The same customers"));
    await fitsSideways(page);
    await accessible(page, "a dashboard with tabs, phone");
    assert.ok(page.url().includes(id));
  },
);

journey(
  "a variable offers a query's values, filters every tab, and survives a shared link",
  async (page, server) => {
    await signIn(page);
    await tabbed(server, "Chosen from a query");
    await openFrom(page, "Dashboards", "Chosen from a query");
    const all = item(page, "All customers");
    await shows(all.getByText(/\d/).first());
    const before = await all.innerText();
    const asked = asksForData(page);
    await choose(page, "Country", "Spain");
    assert.deepEqual((await asked).postDataJSON().variables, {
      country: "Spain",
    });
    await shows(all.filter({ hasNotText: before.split("\n")[1] }));
    const spain = (await all.innerText()).split("\n")[1];
    await tab(page, "Once more").click();
    await shows(item(page, "The same customers").getByText(spain));
    assert.deepEqual([parameter(page, "country"), parameter(page, "tab")], ["Spain", "again"]);

    await button(page, "Share").click();
    await page.getByRole("dialog").getByRole("button", { name: "Create link" }).click();
    const url = await page
      .getByRole("dialog")
      .getByRole("textbox", { name: "Link", exact: true })
      .inputValue();
    const { page: theirs, complaints } = await newPage(page.context().browser(), {
      url: new URL(url).origin,
      scheme: "dark",
    });
    await theirs.goto(`${url}?tab=again&country=Spain`);
    await shows(item(theirs, "The same customers").getByText(spain));
    await tab(theirs, "People").click();
    await shows(item(theirs, "All customers").getByText(spain));
    await accessible(theirs, "a shared dashboard with tabs");
    assert.deepEqual(complaints, []);
    await theirs.context().close();
  },
);

/** Returns a date in the page's time zone, the given number of days ago. */
const dayAt = (page, back) =>
  page.evaluate((days) => {
    const now = new Date();
    const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days);
    return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
  }, back);

journey(
  "a relative range stays relative in the URL, and is sent as the days it means",
  async (page, server) => {
    await page.clock.setFixedTime(new Date());
    await signIn(page);
    const api = await owner(server);
    const orders = await sqlQuery(
      api,
      "Orders of a period",
      "select count(*) as n from orders where date(created_at) between {{ params.from }} and {{ params.to }}",
      [
        { name: "from", type: "date" },
        { name: "to", type: "date" },
      ],
    );
    const parameters = {
      from: "{{ vars.period.from }}",
      to: "{{ vars.period.to }}",
    };
    await makeDashboard(
      api,
      "Periods",
      {
        Orders: {
          type: "number",
          config: { queryID: orders, field: "n", parameters },
          at: [0, 0, 3, 2],
        },
      },
      {
        variables: [{ name: "period", type: "dateRange", default: "last-30-days" }],
      },
    );
    const first = asksForData(page);
    await openFrom(page, "Dashboards", "Periods");
    const today = await dayAt(page, 0);
    assert.deepEqual((await first).postDataJSON().variables, {
      period: { from: await dayAt(page, 29), to: today },
    });
    await shows(item(page, "Orders").getByText(/\d/).first());

    await button(page, "Period: Last 30 days").press("Enter");
    const picker = page.getByRole("dialog", { name: "Period" });
    await shows(picker);
    await accessibleEverywhere(page, "the picker of a range");
    const second = asksForData(page);
    await picker.getByRole("button", { name: "Last 7 days" }).press("Enter");
    assert.deepEqual((await second).postDataJSON().variables, {
      period: { from: await dayAt(page, 6), to: today },
    });
    assert.equal(parameter(page, "period"), "last-7-days");
    await hides(picker);
    assert.equal(
      await button(page, "Period: Last 7 days").evaluate((element) => element === document.activeElement),
      true,
      "the focus comes back",
    );

    await button(page, "Period: Last 7 days").click();
    await picker.getByRole("textbox", { name: "Count" }).fill("3");
    await picker.getByRole("combobox", { name: "Unit" }).selectOption("weeks");
    const third = asksForData(page);
    await picker.getByRole("form", { name: "Relative range" }).getByRole("button", { name: "Apply" }).click();
    assert.deepEqual((await third).postDataJSON().variables, {
      period: { from: await dayAt(page, 20), to: today },
    });
    assert.equal(parameter(page, "period"), "last-3-weeks");

    await button(page, "Period: Last 3 weeks").click();
    await picker.getByLabel("Start date").fill("2026-02-01");
    await picker.getByLabel("End date").fill("2026-01-01");
    const fourth = asksForData(page);
    await picker.getByRole("form", { name: "Custom range" }).getByRole("button", { name: "Apply" }).click();
    assert.deepEqual(
      (await fourth).postDataJSON().variables,
      { period: { from: "2026-01-01", to: "2026-02-01" } },
      "in order",
    );
    await page.goBack();
    await shows(button(page, "Period: Last 3 weeks"));
    await page.reload();
    await shows(button(page, "Period: Last 3 weeks"));
  },
);

/** Starts a service that responds when `release` is called, and immediately from then on. */
async function slowService() {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  const server = createServer(
    (_, response) =>
      void released.then(() => response.setHeader("content-type", "application/json").end('[{"n": 4711}]')),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    release,
    close: () => server.close(),
  };
}

journey(
  "a slow item blocks no other; a failing one shows its error and can be retried",
  async (page, server) => {
    const service = await slowService();
    try {
      await signIn(page);
      const api = await owner(server);
      const { id: datasourceID } = await api("POST", "datasources", {
        name: "Slow service",
        type: "restapi",
        options: { baseUrl: service.url },
      });
      const slow = (
        await api("POST", "data-queries", {
          name: "Slow rows",
          datasourceID,
          options: { method: "GET", path: "/" },
        })
      ).id;
      const fast = await sqlQuery(api, "Fast rows", "select 12 as n");
      const broken = await sqlQuery(api, "Broken rows", "select n from nowhere");
      await makeDashboard(api, "Slow and fast", {
        Slow: figure(slow, [0, 0, 3, 2]),
        Fast: figure(fast, [3, 0, 3, 2]),
        Broken: figure(broken, [6, 0, 3, 3]),
      });
      await openFrom(page, "Dashboards", "Slow and fast");
      await shows(item(page, "Fast").getByText("12", { exact: true }));
      await shows(item(page, "Broken").getByRole("alert").filter({ hasText: "nowhere" }));
      await shows(item(page, "Slow").locator(".mantine-Skeleton-root"));
      assert.equal(await item(page, "Slow").getAttribute("aria-busy"), "true");
      service.release();
      await shows(item(page, "Slow").getByText("4,711"));
      await shows(page.getByText(/^Updated/));
      await accessibleEverywhere(page, "a dashboard with a failing item");

      await api("PATCH", `data-queries/${broken}`, {
        options: { sql: "select 34 as n" },
      });
      await item(page, "Broken").getByRole("button", { name: "Try again" }).click();
      await shows(item(page, "Broken").getByText("34", { exact: true }));
      await shows(item(page, "Fast").getByText("12", { exact: true }));
    } finally {
      service.release();
      service.close();
    }
  },
);

journey("the dashboard fills the screen until Escape", async (page) => {
  await signIn(page);
  await openFrom(page, "Dashboards", "Sales overview");
  await shows(item(page, "Revenue").getByText(/\d/).first());
  await button(page, "Full screen").click();
  await shows(button(page, "Exit full screen"));
  const covers = () =>
    page.evaluate(() => document.elementFromPoint(20, innerHeight / 2)?.closest("nav") === null);
  assert.equal(await covers(), true, "the rail is covered");
  assert.equal(await page.getByRole("link", { name: "Edit", exact: true }).count(), 0);
  await accessibleEverywhere(page, "a dashboard on the whole screen");
  await page.keyboard.press("Escape");
  await shows(page.getByRole("link", { name: "Edit", exact: true }));
  await hides(button(page, "Exit full screen"));
});

journey(
  "printing includes only the open tab, without the app around it and without cut items",
  async (page, server) => {
    await signIn(page);
    await tabbed(server, "On paper");
    await openFrom(page, "Dashboards", "On paper");
    await tab(page, "Once more").click();
    await shows(item(page, "The same customers").getByText(/\d/).first());
    await page.emulateMedia({ media: "print" });
    await hides(page.getByRole("navigation", { name: "Pages" }));
    for (const chrome of [
      button(page, "Share"),
      button(page, "Full screen"),
      tab(page, "People"),
      page.getByRole("navigation", { name: "Breadcrumb" }),
    ])
      await hides(chrome);
    await shows(page.getByRole("heading", { name: "Once more" }));
    await shows(item(page, "The same customers").getByText(/\d/).first());

    await page.emulateMedia({ media: "screen" });
    await openFrom(page, "Dashboards", "Sales overview");
    await shows(item(page, "Revenue by month").locator("canvas"));
    await shows(item(page, "Latest orders").getByRole("row").nth(3));
    await page.emulateMedia({ media: "print" });
    await page.setViewportSize({ width: 720, height: 1000 });
    const boxes = await page.getByRole("article").evaluateAll((all) =>
      all.map((one) => ({
        right: one.getBoundingClientRect().right,
        kept: getComputedStyle(one.parentElement).breakInside,
        inner: [...one.querySelectorAll("canvas")].every(
          (canvas) => canvas.getBoundingClientRect().right <= one.getBoundingClientRect().right + 1,
        ),
      })),
    );
    assert.equal(boxes.length, 9);
    for (const box of boxes)
      assert.ok(box.right <= 720 && box.kept === "avoid" && box.inner, JSON.stringify(box));
    await fitsSideways(page);
    assert.ok(
      await page.evaluate(() => document.documentElement.scrollHeight > innerHeight),
      "the page is as long as the dashboard",
    );
    const pdf = await page.pdf({ format: "A4" });
    assert.ok(pdf.length > 20_000);
  },
);
