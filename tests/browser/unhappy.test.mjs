// Failures during work: no input is lost, and the app says what is wrong.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { button, hides, link, openFrom, shows, signIn, title, visit, write } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { suite } from "./support/journey.mjs";
import { PASSWORD } from "./support/database.mjs";
import { startPostgres } from "./support/postgres.mjs";

let database;
before(async () => {
  database = await startPostgres("create table tea (name text)");
});
after(() => database?.stop());

const journey = suite({ demo: true });
const OWNER = "olivia@acme.example";
const REFUSED = /^401 \//;
const GONE = /^404 \/api\/v1\/tenants\/[^/]+\/[\w-]+\/[^/]+(\/\w+)?$/;

const offline = (page) =>
  page
    .getByRole("status", { name: "Connection" })
    .getByText("You are offline. Changes are not saved until the connection is restored.");
const again = (page) => page.getByRole("dialog", { name: "Your session has expired" });
const result = (page) => page.getByRole("region", { name: "Result" });
const sql = (page) => page.getByRole("textbox", { name: "SQL", exact: true });

async function call(url, path, body, method = "POST", headers = {}) {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, `${path} answered ${response.status}`);
  return response.json();
}

/** Gives the account a new password, as from another computer: all of its sessions end. */
async function changePassword(url, email, from, to) {
  const { idToken } = await call(url, "/api/v1/session", {
    email,
    password: from,
  });
  await call(url, "/identitytoolkit.googleapis.com/v1/accounts:update?key=test", { idToken, password: to });
}

async function ownersPassword(url) {
  const { demoAccounts } = await (await fetch(new URL("/api/v1/setup", url))).json();
  return demoAccounts.find(({ email }) => email === OWNER).password;
}

/** Opens a second tab of the same browser. */
async function newTab(page, address = page.url()) {
  const tab = await page.context().newPage();
  await tab.goto(address);
  return tab;
}

journey(
  "the server goes down and comes back: a bar shows it, the page stays and recovers",
  async (page, server) => {
    await signIn(page);
    await openFrom(page, "Queries", "Orders by status");
    await shows(sql(page));
    await write(page, "SQL", "select 41 + 1 as answer");
    await server.kill();
    try {
      await page.keyboard.press("Control+S");
      await shows(offline(page));
      await shows(page.getByText("select 41 + 1 as answer"));
      await shows(page.getByText(/^Unsaved changes/));
      await accessible(page, "a page without a server");
      await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Dashboards" }).click();
      await page
        .getByRole("dialog", { name: "Leave without saving?" })
        .getByRole("button", { name: "Stay" })
        .click();
    } finally {
      await server.restart();
    }
    await hides(offline(page));
    await page.keyboard.press("Control+S");
    await shows(page.getByText(/^Saved/));
    await hides(page.getByRole("alert"));
  },
);

journey("a list opened without a server loads when it is back", async (page, server) => {
  await signIn(page);
  await visit(page, "Runs");
  await visit(page, "Widgets");
  await server.kill();
  try {
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Runs" }).click();
    await shows(offline(page));
    await shows(title(page, "Runs"));
    assert.equal(await page.getByRole("alert").count(), 0, "one bar is enough");
  } finally {
    await server.restart();
  }
  await hides(offline(page));
  await shows(page.getByRole("main").getByRole("row").nth(1));
});

journey("the browser's offline event is noticed first", async (page) => {
  await signIn(page);
  await page.context().setOffline(true);
  await shows(offline(page));
  await page.context().setOffline(false);
  await hides(offline(page));
});

journey("a page without permission shows an access error at its own URL", async (page) => {
  await signIn(page, "Viewer");
  await page.goto(`${page.url()}/audit-logs`);
  await shows(title(page, "You do not have access to this page"));
  await shows(page.getByText("audit:list"));
  await accessible(page, "a page without access");
  await link(page, "Go to the home page").click();
  await shows(title(page, "Acme"));
});

journey(
  "a session that expires under a changed query asks for the password, and continues",
  { expected: [REFUSED] },
  async (page, { url }) => {
    await signIn(page);
    await openFrom(page, "Queries", "Orders by status");
    await shows(sql(page));
    await write(page, "SQL", "select 'kept' as draft");
    const password = await ownersPassword(url);
    await changePassword(url, OWNER, password, "another horse");
    try {
      await page.keyboard.press("Control+S");
      await shows(again(page));
      await accessible(page, "the dialog for a session that has ended");
      assert.equal(await again(page).getByRole("textbox", { name: "Email" }).inputValue(), OWNER);
      await again(page).getByLabel("Password", { exact: true }).fill(password);
      await again(page).getByRole("button", { name: "Sign in" }).click();
      await shows(again(page).getByRole("alert"));
      await again(page).getByLabel("Password", { exact: true }).fill("another horse");
      await page.keyboard.press("Enter");
      await hides(again(page));
      // What was requested in between is done.
      await shows(page.getByText(/^Saved/));
      await shows(page.getByText("select 'kept' as draft"));
      await page.keyboard.press("Control+Enter");
      await shows(result(page).getByRole("cell", { name: "kept" }));
    } finally {
      await changePassword(url, OWNER, "another horse", password);
    }
  },
);

journey(
  "signing out in another tab keeps a changed workflow; signing in there restores both",
  { expected: [REFUSED] },
  async (page, { url }) => {
    await signIn(page);
    const home = page.url();
    await openFrom(page, "Workflows", "Refund an order");
    await page.getByRole("button", { name: /^Rename/ }).click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Refund any order");
    await page.keyboard.press("Enter");
    await shows(page.getByText(/^Unsaved changes/));
    const other = await newTab(page, home);
    await shows(title(other, "Acme"));
    await button(other, /^Account menu of/).click();
    await other.getByRole("menuitem", { name: "Sign out" }).click();
    await shows(title(other, "Sign in"));
    await shows(again(page));
    await shows(title(page, /Refund any order$/));
    await other.getByRole("textbox", { name: "Email" }).fill(OWNER);
    await other.getByLabel("Password", { exact: true }).fill(await ownersPassword(url));
    await other.getByRole("button", { name: "Sign in", exact: true }).click();
    await shows(title(other, "Acme"));
    await hides(again(page));
    await shows(title(page, /Refund any order$/));
    await button(page, "Save").click();
    await shows(page.getByText(/^Saved/));
    await shows(button(page, "Save"));
  },
);

journey(
  "another user who signs in elsewhere takes every tab to the home page",
  { expected: [REFUSED] },
  async (page) => {
    await signIn(page);
    const home = page.url();
    await openFrom(page, "Queries", "Orders by status");
    await shows(sql(page));
    await write(page, "SQL", "select 'not for others'");
    const other = await newTab(page, home);
    await button(other, /^Account menu of/).click();
    await other.getByRole("menuitem", { name: "Sign out" }).click();
    await shows(again(page));
    await signIn(other, "Viewer");
    await shows(title(page, "Acme"));
    await hides(again(page));
    assert.equal(await page.getByText("not for others").count(), 0);
  },
);

journey("signing out instead discards the draft", { expected: [REFUSED] }, async (page) => {
  await signIn(page);
  await openFrom(page, "Queries", "Orders by status");
  await shows(sql(page));
  await write(page, "SQL", "select 'left'");
  await button(page, /^Account menu of/).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page
    .getByRole("dialog", { name: "Leave without saving?" })
    .getByRole("button", { name: "Stay" })
    .click();
  const other = await newTab(page, "/sign-out");
  await shows(title(other, "Sign in"));
  await shows(again(page));
  await again(page).getByRole("button", { name: "Sign out instead" }).click();
  await shows(title(page, "Sign in"));
});

journey("a hundred thousand rows scroll, and truncation is shown", async (page) => {
  await signIn(page);
  await visit(page, "Queries");
  await link(page, "New query").first().click();
  await page
    .getByRole("main")
    .getByRole("button", { name: /^Scripts/ })
    .click();
  await write(page, "Code", "return Array.from({ length: 120000 }, (_, i) => ({ n: i + 1 }));");
  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByRole("textbox", { name: "Row limit" }).fill("100000");
  await page.keyboard.press("Control+Enter");
  await shows(page.getByText(/Showing only the first [\d,]+ rows/));
  const grid = result(page);
  await shows(grid.getByRole("cell", { name: "1", exact: true }).first());
  await grid.evaluate((element) => {
    const scroller = [element, ...element.querySelectorAll("*")].find(
      (one) => one.scrollHeight > one.clientHeight + 1000,
    );
    scroller.scrollTop = scroller.scrollHeight;
  });
  await shows(grid.getByRole("cell", { name: /^100.?000$/ }).first());
  assert.ok((await grid.getByRole("row").count()) < 200, "only the visible rows are in the page");
});

journey("a slow query is cancelled", async (page) => {
  await signIn(page);
  await openFrom(page, "Queries", "Orders by status");
  await shows(sql(page));
  await write(
    page,
    "SQL",
    "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) as slow from n",
  );
  await page.keyboard.press("Control+Enter");
  await page.locator("header").getByRole("button", { name: "Cancel" }).click();
  await shows(page.getByText("Query cancelled."));
  await shows(page.locator("header").getByRole("button", { name: /^Run/ }));
});

journey("a datasource with a wrong password shows the reason", async (page) => {
  await signIn(page);
  await page.goto(`${page.url()}/datasources/new/postgresql`);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Tea");
  await page.getByRole("textbox", { name: "Host" }).fill("127.0.0.1");
  await page.getByRole("textbox", { name: "Port" }).fill(String(database.port));
  await page.getByRole("textbox", { name: "Database" }).fill("postgres");
  await page.getByRole("textbox", { name: "User" }).fill("admin");
  await page.getByRole("textbox", { name: "Password" }).fill("not this one");
  await button(page, "Test").click();
  await shows(page.getByText(/password authentication failed for user "admin"/));
  assert.equal(await page.getByText("not this one").count(), 0, "the password is not shown");
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await button(page, "Test").click();
  await shows(page.getByText("Connected", { exact: true }));
});

/** Creates a copy of a query to break. */
async function copy(page, name) {
  await openFrom(page, "Queries", "Orders by status");
  await button(page, "More actions").click();
  await page.getByRole("menuitem", { name: "Clone" }).click();
  await page
    .getByRole("button", {
      name: /^Rename Orders by status \(\d+\)/,
    })
    .click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(name);
  await page.keyboard.press("Enter");
  await button(page, "Save").click();
  await shows(page.getByText(/^Saved/));
}

async function remove(page) {
  await button(page, "More actions").click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await shows(title(page, "Queries"));
}

journey("a record deleted in another tab disappears here, too", { expected: [GONE] }, async (page) => {
  await signIn(page);
  await copy(page, "Doomed");
  const other = await newTab(page);
  await shows(title(other, /Doomed$/));
  await remove(other);
  await shows(title(page, "Page not found"));
});

journey(
  "a record deleted in another tab while it is edited here stays to be copied",
  { expected: [GONE] },
  async (page) => {
    await signIn(page);
    await copy(page, "Doomed, too");
    const other = await newTab(page);
    await shows(title(other, /Doomed, too$/));
    await write(page, "SQL", "select 'still here'");
    await remove(other);
    await shows(page.getByText(/This was deleted while you were editing/));
    await shows(page.getByText("select 'still here'"));
    await accessible(page, "a query that was deleted elsewhere");
  },
);

journey("a newer version from another tab is shown, or announced if there are changes", async (page) => {
  await signIn(page);
  await copy(page, "Shared work");
  const other = await newTab(page);
  await shows(title(other, /Shared work$/));
  await shows(sql(other));
  await write(other, "SQL", "select 'theirs'");
  await other.keyboard.press("Control+S");
  await shows(page.getByText("select 'theirs'"));

  await write(page, "SQL", "select 'mine'");
  await write(other, "SQL", "select 'theirs again'");
  await other.keyboard.press("Control+S");
  const notice = page
    .getByRole("status")
    .filter({ hasText: "A newer version exists. Your changes are kept." });
  await shows(notice);
  await accessible(page, "a query of which there is a newer version");
  await shows(page.getByText("select 'mine'"));
  await notice.getByRole("button", { name: "Compare" }).click();
  const dialog = page.getByRole("dialog", { name: "You saved changes in another window" });
  await shows(dialog.getByText(/theirs again/).first());
  await dialog.getByRole("button", { name: "Overwrite" }).click();
  await hides(dialog);
  await shows(other.getByText("select 'mine'"));
  await hides(notice);
});
