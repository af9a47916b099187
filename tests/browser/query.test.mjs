import assert from "node:assert/strict";
import { hides, openFrom, shows, signIn, write } from "./support/app.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const result = (page) => page.getByRole("region", { name: "Result" });

journey("Ctrl+Enter runs the query with its parameters", async (page) => {
  await signIn(page);
  await openFrom(page, "Queries", "Orders by status");
  await page.getByRole("textbox", { name: "SQL" }).click();
  await page.keyboard.press("Control+Enter");
  await shows(result(page).getByRole("row").nth(1));
  const all = await result(page).innerText();
  assert.match(all, /completed/);

  await page.getByRole("tabpanel", { name: /^Parameters/ }).getByRole("textbox").first().fill("1");
  const answered = page.waitForResponse(/\/execute$/);
  await page.keyboard.press("Control+Enter");
  const answer = await answered;
  assert.equal(answer.request().postDataJSON().parameters.days, 1);
  const { rowCount } = await answer.json();
  await shows(result(page).locator(`[aria-rowcount="${rowCount + 1}"]`));
  assert.notEqual(await result(page).innerText(), all);
  await page.getByRole("tab", { name: "History" }).click();
  await shows(page.getByRole("tabpanel", { name: "History" }).getByRole("row").nth(2));
});

journey("an SQL error says what the database said, and where", { expected: [/^\d+ \/api\/v1\/tenants\/[^/]+\/data-queries\/test$/] }, async (page) => {
  await signIn(page);
  await openFrom(page, "Queries", "Orders by status");
  await write(page, "SQL", "select stat\nfrom orders");
  await page.keyboard.press("Control+Enter");
  const alert = page.getByRole("alert").filter({ hasText: "The datasource refused the query" });
  await shows(alert);
  assert.match(await alert.innerText(), /no such column: stat/);
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
