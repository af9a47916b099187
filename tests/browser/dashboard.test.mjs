import assert from "node:assert/strict";
import { openFrom, choose, shows, signIn } from "./support/app.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const NUMBERS = ["Revenue", "Orders", "Average basket", "Refund rate"];
const CHARTS = ["Revenue by month", "Revenue by country", "Revenue by category", "Sales targets by month"];
const item = (page, name) => page.getByRole("article", { name, exact: true });

/** Every item of the sales dashboard has drawn what it was sent. */
async function allDrawn(page) {
  for (const name of NUMBERS) await shows(item(page, name).getByText(/\d/).first());
  for (const name of CHARTS) await shows(item(page, name).getByRole("img", { name: new RegExp(name) }).locator("canvas"));
  await shows(item(page, "Latest orders").getByRole("row").nth(10));
  assert.equal(await page.getByRole("alert").count(), 0, "an item failed");
  assert.equal(await page.getByRole("article").count(), NUMBERS.length + CHARTS.length + 1);
}

journey("one click into the demo, and the sales dashboard draws every widget with live data", async (page) => {
  await signIn(page);
  await openFrom(page, "Dashboards", "Sales overview");
  await allDrawn(page);
});

journey("a variable fetches new data and stays in the address", async (page) => {
  await signIn(page);
  await openFrom(page, "Dashboards", "Sales overview");
  await allDrawn(page);
  const revenue = item(page, "Revenue");
  const before = await revenue.innerText();
  const asked = page.waitForRequest((request) => request.method() === "POST" && /\/dashboards\/[^/]+\/data$/.test(request.url()));
  await choose(page, "Last days", "365");
  assert.deepEqual((await asked).postDataJSON(), { variables: { days: "365" } });
  await shows(revenue.filter({ hasNotText: before.split("\n")[1] }));
  assert.equal(new URL(page.url()).searchParams.get("days"), "365");
  await page.reload();
  await allDrawn(page);
  assert.notEqual(await revenue.innerText(), before);
});
