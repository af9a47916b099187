// Lists: filters and the search are in the address, several records are changed at once, names are edited in place.
import assert from "node:assert/strict";
import { owner } from "./support/api.mjs";
import { button, choose, fitsSideways, hides, link, shows, signIn, visit } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const rows = (page) => page.getByRole("main").getByRole("row");
const search = (page) => page.getByRole("textbox", { name: /^Search (queries|widgets|datasources)$/ });

journey("a list is filtered and searched, and its address keeps both", async (page, server) => {
  const api = await owner(server);
  await api("POST", "widgets", {
    name: "Lonely",
    type: "text",
    config: { markdown: "Nothing shows me" },
  });
  await signIn(page);
  await visit(page, "Widgets");
  await choose(page, "Filter by: Use", "Unused");
  await shows(link(page, "Lonely"));
  await shows(page.getByText("1 widget", { exact: true }));
  await choose(page, "Filter by: Use", "Used");
  await hides(link(page, "Lonely"));
  await shows(link(page, "Refund rate"));
  await choose(page, "Filter by: Type", "Number");
  await hides(link(page, "Latest orders"));
  await page.reload();
  await shows(link(page, "Refund rate"));
  assert.match(page.url(), /use=used&type=number|type=number&use=used/);

  await visit(page, "Queries");
  await search(page).fill("stock");
  await shows(page.getByText("3 queries", { exact: true }));
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Queries" }).click();
  await shows(link(page, "Key metrics"));
  assert.equal(await search(page).inputValue(), "", "another address has another search");
  await page.goBack();
  await shows(page.getByText("3 queries", { exact: true }));
  assert.equal(await search(page).inputValue(), "stock");
});

journey(
  "several records are deleted at once, each with its own result",
  { expected: [/^409 .*\/datasources\//] },
  async (page, server) => {
    const api = await owner(server);
    const source = (name) => api("POST", "datasources", { name, type: "javascript", options: {} });
    const [used] = [await source("Spare 1"), await source("Spare 2")];
    await api("POST", "data-queries", {
      name: "On spare",
      datasourceID: used.id,
      options: { code: "return []" },
    });
    await signIn(page);
    await visit(page, "Datasources");
    await search(page).fill("spare");
    await shows(page.getByText("2 datasources", { exact: true }));
    await page.getByRole("checkbox", { name: "Select all" }).check();
    await shows(page.getByText("2 selected"));
    await accessible(page, "selected records");
    await button(page, "Delete").click();
    const dialog = page.getByRole("dialog", { name: "Delete 2 datasources?" });
    await dialog.getByRole("button", { name: "Delete" }).click();
    await shows(dialog.getByText("1 of 2 deleted."));
    await shows(
      dialog
        .getByRole("listitem")
        .filter({ hasText: "Spare 1" })
        .getByText(/On spare|used by|query/)
        .first(),
    );
    await accessible(page, "the results of a bulk deletion");
    await dialog.getByRole("checkbox", { name: "Also delete everything that uses it" }).check();
    await dialog.getByRole("button", { name: "Try again" }).click();
    await shows(dialog.getByText("2 of 2 deleted."));
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await shows(page.getByText("No results."));
  },
);

journey("records are cloned at once, and renamed in place with F2", async (page) => {
  await signIn(page);
  await visit(page, "Dashboards");
  await shows(rows(page).nth(3));
  await page.getByRole("checkbox", { name: "Select Operations" }).check();
  await page.getByRole("checkbox", { name: "Select Sales overview" }).check();
  await button(page, "Clone").click();
  const dialog = page.getByRole("dialog", { name: "Clone 2 dashboards?" });
  await dialog.getByRole("button", { name: "Clone" }).click();
  await shows(dialog.getByText("2 of 2 cloned."));
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await shows(page.getByText("6 dashboards", { exact: true }));

  await link(page, "Operations").focus();
  await page.keyboard.press("F2");
  const name = rows(page).getByRole("textbox", { name: "Name" });
  await name.fill("Daily operations");
  await name.press("Enter");
  await shows(link(page, "Daily operations"));
  await page.waitForFunction(() => document.activeElement?.textContent === "Daily operations");
  await page.keyboard.press("F2");
  await name.fill("Never saved");
  await name.press("Escape");
  await shows(link(page, "Daily operations"));
  await page.setViewportSize({ width: 390, height: 844 });
  await fitsSideways(page);
});
