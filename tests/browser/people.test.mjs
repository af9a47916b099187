// Permissions and sessions.
import assert from "node:assert/strict";
import { button, fitsSideways, hides, link, openFrom, shows, signIn, title, visit } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });

/** None of these may be offered to someone with read access only. */
const CHANGES = /^(New|Save|Create|Delete|Edit|Run|Test|Invite|Clone|Add|Enabled|Rename)\b/;
const BUILT = [
  ["Datasources", "Shop"],
  ["Queries", "Key metrics"],
  ["Widgets", "Refund rate"],
  ["Dashboards", "Sales overview"],
  ["Workflows", "Sales summary"],
];

const PATHS = {
  Datasources: "datasources",
  Queries: "data-queries",
  Widgets: "widgets",
  Dashboards: "dashboards",
  Workflows: "workflows",
};

/** Returns the controls of a page that change or run something. */
async function offered(page) {
  const controls = await page.getByRole("main").locator("button, a[href], input[role=switch]").all();
  const names = await Promise.all(
    controls.map((control) =>
      control.evaluate((element) =>
        element.disabled ? "" : (element.ariaLabel ?? element.labels?.[0]?.innerText ?? element.innerText),
      ),
    ),
  );
  // Favorites are the reader's own.
  const isOwn = (name) => name === "Runs" || name.endsWith("favorites");
  return names.map((name) => name.trim()).filter((name) => CHANGES.test(name) && !isOwn(name));
}

const offersNothing = async (page) =>
  assert.deepEqual(await offered(page), [], `${page.url()} offers what a viewer may not do`);

journey("an owner is offered every change", async (page) => {
  await signIn(page);
  for (const [list, name] of BUILT) {
    await visit(page, list);
    await shows(page.getByRole("main").getByRole("row").nth(1));
    assert.equal((await offered(page)).length, 1, `${list} is where one makes another`);
    await openFrom(page, list, name);
    await hides(page.locator("[aria-busy=true], .mantine-Skeleton-root").first());
    assert.notEqual((await offered(page)).length, 0, `${name} can be changed`);
  }
});

/** The lists that a viewer may see. */
const SEEN = ["Dashboards", "Workflows"];

journey("a viewer sees dashboards and workflows, and is offered no changes", async (page) => {
  await signIn(page, "Viewer");
  const tenant = page.url();
  await offersNothing(page);
  for (const [list, name] of BUILT) {
    // Their navigation leads to dashboards only; links to the rest work.
    await page.goto(`${tenant}/${PATHS[list]}`);
    if (!SEEN.includes(list)) {
      await shows(title(page, "You do not have access to this page"));
      continue;
    }
    await shows(title(page, list));
    await shows(page.getByRole("main").getByRole("row").nth(1));
    await offersNothing(page);
    await page.getByRole("main").getByRole("link", { name, exact: true }).click();
    await shows(title(page, name));
    await hides(page.locator("[aria-busy=true], .mantine-Skeleton-root").first());
    await offersNothing(page);
  }
  await page.goto(tenant);
  await visit(page, "Settings");
  assert.deepEqual(
    await page.getByRole("navigation", { name: "Settings" }).getByRole("link").allInnerTexts(),
    ["General", "Members", "Roles"],
  );
  await offersNothing(page);
});

journey(
  "a viewer starts with dashboards, keeps favorites, and sees only what a viewer uses",
  async (page) => {
    await signIn(page, "Viewer");
    const pages = page.getByRole("navigation", { name: "Pages" });
    assert.deepEqual(await pages.getByRole("link").allInnerTexts(), [
      "Home",
      "Dashboards",
      "Runs",
      "Approvals",
      "Settings",
    ]);
    const all = page.getByRole("region", { name: "All dashboards" });
    await shows(all.getByRole("link", { name: /^Operations/ }));
    await button(page, "Add Operations to favorites").click();
    const favorites = page.getByRole("region", { name: "Favorites" });
    await shows(favorites.getByRole("link", { name: /^Operations/ }));
    // the tooltip of the star would be checked, too
    await page.mouse.move(0, 0);
    await hides(page.getByRole("tooltip"));
    await accessible(page, "the home page of a viewer");
    await favorites.getByRole("link", { name: /^Operations/ }).click();
    await shows(title(page, "Operations"));
    await page.reload();
    await button(page, "Remove Operations from favorites").click();
    await shows(button(page, "Add Operations to favorites"));
    await visit(page, "Home", "Acme");
    await shows(all.getByRole("link", { name: /^Operations/ }));
    await hides(favorites);
    await page.keyboard.press("Control+K");
    await page.getByRole("textbox", { name: "Search everything" }).fill("writable");
    await shows(page.getByText("No results."));
    await page.setViewportSize({ width: 390, height: 844 });
    await fitsSideways(page);
  },
);

journey("a viewer who opens a URL without permission gets an access error", async (page) => {
  await signIn(page, "Viewer");
  const tenant = page.url();
  for (const path of ["/audit-logs", "/datasources/new/sqlite", "/data-queries/new"]) {
    await page.goto(tenant + path);
    await shows(title(page, /.+/));
    await offersNothing(page);
    assert.equal(await page.getByRole("textbox").count(), 0, path);
  }
});

journey("an editor of one tenant creates another, and switches between them", async (page) => {
  await signIn(page, "Editor");
  const acme = page.url();
  await button(page, "Acme switch tenant").click();
  await page.getByRole("menuitem", { name: "New tenant" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Side project");
  await button(page, "Create tenant").click();
  await shows(title(page, "Side project"));
  await visit(page, "Dashboards");
  await shows(page.getByText("No dashboards yet"));
  await button(page, "Side project switch tenant").click();
  await page.getByRole("menuitem", { name: /Acme/ }).click();
  await shows(title(page, "Acme"));
  assert.equal(page.url(), acme);
  await visit(page, "Dashboards");
  await shows(link(page, "Sales overview"));
});

journey("a session survives a reload, and ends with sign-out in every tab", async (page) => {
  await signIn(page);
  await visit(page, "Runs");
  await page.reload();
  await shows(title(page, "Runs"));
  const { stored, cookies } = await page.evaluate(() => ({
    stored: JSON.stringify({ ...localStorage, ...sessionStorage }),
    cookies: document.cookie,
  }));
  assert.doesNotMatch(stored, /eyJ/, "a token is in the browser's storage");
  assert.equal(cookies, "", "a script can read the session's cookie");
  const other = await page.context().newPage();
  await other.goto(page.url());
  await shows(title(other, "Runs"));
  await button(page, /^Account menu of/).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await shows(title(page, "Sign in"));
  await shows(title(other, "Sign in"));
  await page.reload();
  await shows(title(page, "Sign in"));
});

journey(
  "a wrong password is rejected with a clear message",
  { expected: [/^40[01] \/api\/v1\/session$/] },
  async (page) => {
    await page.goto("/");
    await page.getByRole("textbox", { name: "Email" }).fill("olivia@acme.example");
    await page.getByRole("textbox", { name: "Password" }).fill("wrong horse");
    await button(page, "Sign in").click();
    await shows(page.getByRole("alert"));
    await shows(title(page, "Sign in"));
  },
);

journey(
  "the color scheme follows the system until one is selected, and the selection is remembered",
  { scheme: "dark" },
  async (page) => {
    const scheme = (name) => page.locator(`html[data-mantine-color-scheme=${name}]`);
    await signIn(page);
    await shows(scheme("dark"));
    await page.emulateMedia({ colorScheme: "light" });
    await shows(scheme("light"));
    await button(page, "Color scheme").click();
    await page.getByRole("menuitem", { name: "Dark" }).click();
    await shows(scheme("dark"));
    await hides(page.getByRole("menu"));
    await page.reload();
    await shows(title(page, "Acme"));
    await shows(scheme("dark"));
  },
);
