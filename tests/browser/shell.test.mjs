// Features of every page: shortcuts, the palette, and what syncs between tabs.
import assert from "node:assert/strict";
import { button, hides, link, openFrom, shows, signIn, title, visit } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const sheet = (page) => page.getByRole("dialog", { name: "Keyboard shortcuts" });
const search = (page) => page.getByRole("dialog").getByRole("textbox", { name: "Search everything" });
/** Returns a line of the palette. */
const entry = (page, name) => page.getByRole("dialog").getByRole("button", { name });

async function palette(page, text = "") {
  await page.keyboard.press("Control+K");
  await shows(search(page));
  await page.waitForFunction(
    () => document.activeElement?.getAttribute("aria-label") === "Search everything",
  );
  await page.keyboard.type(text);
}

journey("one sheet lists the shortcuts of the app and of the page", async (page) => {
  await signIn(page);
  await page.keyboard.press("?");
  await shows(
    sheet(page)
      .getByRole("table", { name: "Anywhere" })
      .getByRole("row", { name: /Search everything/ }),
  );
  await shows(
    sheet(page)
      .getByRole("table", { name: "Go to" })
      .getByRole("row", { name: /Dashboards/ }),
  );
  await accessible(page, "the sheet of shortcuts");
  await page.keyboard.press("Escape");
  await hides(sheet(page));
  for (const [list, name, group, what] of [
    ["Queries", "Orders by status", "Query", /^Run/],
    ["Workflows", "Refund an order", "Workflow", /Duplicate steps/],
  ]) {
    await openFrom(page, list, name);
    await button(page, /^Account menu of/).click();
    await page.getByRole("menuitem", { name: "Keyboard shortcuts" }).click();
    await shows(
      sheet(page).getByRole("table", { name: group, exact: true }).getByRole("row", { name: what }),
    );
    await shows(sheet(page).getByRole("table", { name: "This page" }).getByRole("row", { name: /Save/ }));
    await page.keyboard.press("Escape");
    await hides(sheet(page));
  }
});

journey("shortcuts open every page, and are inactive while typing", async (page) => {
  await signIn(page);
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await shows(title(page, "Queries"));
  await page.keyboard.press("/");
  await page.keyboard.type("g d?");
  assert.equal(await page.getByRole("textbox", { name: "Search queries" }).inputValue(), "g d?");
  assert.equal(await sheet(page).count(), 0);
  await title(page, "Queries").click();
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await shows(title(page, "Dashboards"));
  await page.keyboard.press("c");
  await shows(page.getByRole("dialog", { name: "New dashboard" }));
  await page.keyboard.press("Escape");
  await hides(page.getByRole("dialog"));
  await page.keyboard.press("[");
  await shows(button(page, "Expand navigation"));
  await page.keyboard.press("[");
  await shows(button(page, "Collapse navigation"));
});

journey("single-key shortcuts can be turned off", async (page) => {
  await signIn(page);
  await page.keyboard.press("?");
  await sheet(page)
    .getByRole("switch", { name: /Single-key shortcuts/ })
    .uncheck({ force: true });
  await page.keyboard.press("Escape");
  await hides(sheet(page));
  await page.keyboard.press("?");
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await palette(page, "keyboard");
  await page.keyboard.press("Enter");
  await shows(sheet(page));
  await shows(title(page, "Acme"));
});

journey("the palette finds everything in a tenant, and shows recently opened records first", async (page) => {
  await signIn(page);
  await openFrom(page, "Queries", "Orders by status");
  await openFrom(page, "Dashboards", "Sales overview");
  await palette(page);
  const lines = page.getByRole("dialog").getByRole("button");
  await shows(entry(page, /^Sales overview/));
  assert.match(await lines.nth(0).innerText(), /^Sales overview/);
  assert.match(await lines.nth(1).innerText(), /^Orders by status/);
  await accessible(page, "the palette");

  for (const [text, found, heading] of [
    ["orders by status", /^Orders by status.*Shop.*Query/s, /Orders by status$/],
    ["olivia", /^Olivia.*olivia@acme\.example.*Member/s, "Members"],
    ["exchange", /^Exchange.*Datasource/s, /^Rename Exchange/],
  ]) {
    await search(page).fill(text);
    await shows(entry(page, found).first());
    await entry(page, found).first().click();
    await shows(title(page, heading));
    await page.keyboard.press("Control+K");
    await shows(search(page));
  }
  await page.keyboard.press("Escape");
});

journey("a query and a workflow are run from the palette with the keyboard alone", async (page) => {
  await signIn(page);
  await palette(page, "run orders by");
  const action = entry(page, /^Run Orders by status/);
  await shows(action);
  for (let tries = 0; (await action.getAttribute("data-selected")) === null; tries += 1) {
    assert.ok(tries < 20, "the arrows reach it");
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await shows(title(page, /Orders by status$/));
  await shows(page.getByRole("region", { name: "Result" }).getByRole("row").nth(1));

  await palette(page, "refund an order");
  await shows(entry(page, /^Start Refund an order/));
  await entry(page, /^Start Refund an order/).click();
  await shows(page.getByRole("dialog", { name: "Run Refund an order" }));
  await page.keyboard.press("Escape");
  await hides(page.getByRole("dialog"));
});

journey("a run is found by its id", async (page) => {
  await signIn(page);
  await visit(page, "Runs");
  await page.getByRole("main").getByRole("row").nth(1).getByRole("link").first().click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  const id = page.url().split("/").pop();
  await page.keyboard.press("g");
  await page.keyboard.press("h");
  await shows(title(page, "Acme"));
  await palette(page, id);
  await shows(entry(page, new RegExp(id)));
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/runs/${id}$`));
});

journey("the color scheme is the same in every tab", async (page) => {
  await signIn(page);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await shows(title(other, "Acme"));
  await button(page, "Color scheme").click();
  await page.getByRole("menuitem", { name: "Dark" }).click();
  await other.waitForFunction(() => document.documentElement.dataset.mantineColorScheme === "dark");
  await button(page, /^Account menu of/).click();
  await page.getByRole("menuitem", { name: "Deutsch" }).click();
  await other.waitForFunction(() => document.documentElement.lang === "de");
});

journey("records created in one tab appear in another's list", async (page) => {
  await signIn(page);
  await visit(page, "Dashboards");
  const other = await page.context().newPage();
  await other.goto(page.url());
  await shows(title(other, "Dashboards"));
  await button(other, "New dashboard").click();
  await other.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("From elsewhere");
  await other.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  await shows(link(page, "From elsewhere"));
});
