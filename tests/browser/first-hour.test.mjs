// From an empty directory to a dashboard over a PostgreSQL table, along the steps that the app offers.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { button, countClicks, firstTenant, hides, link, shows, title } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { suite } from "./support/journey.mjs";
import { PASSWORD } from "./support/database.mjs";
import { startPostgres } from "./support/postgres.mjs";

const TABLE = `create table orders (id int primary key, country text not null, placed date not null, amount numeric not null);
  insert into orders select i, (array['DE', 'AT', 'CH'])[1 + i % 3], date '2026-01-01' + i, i * 10 from generate_series(1, 60) i`;
/** Maximum number of clicks, without typing, from the first page to the dashboard. */
const MOST_CLICKS = 17;

let database;
before(async () => {
  database = await startPostgres(TABLE);
});
after(() => database?.stop());

const journey = suite({ demo: false });

const next = (page, name) =>
  page
    .getByRole("complementary", { name: "Next step" })
    .getByRole(/to dashboard/.test(name) ? "button" : "link", {
      name,
      exact: true,
    });

async function name(page, text) {
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill(text);
  await dialog.getByRole("textbox", { name: "Name" }).press("Enter");
  await hides(dialog);
  await shows(title(page, new RegExp(`${text}$`)));
}

journey("every step of the first hour leads to the next", async (page) => {
  const clicks = await countClicks(page);
  const start = Date.now();
  await page.goto("/");
  await firstTenant(page);
  await accessible(page, "an empty tenant");

  await link(page, /Connect a datasource/).click();
  await link(page, /^PostgreSQL/).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Orders");
  await page.getByRole("textbox", { name: "Host" }).fill("127.0.0.1");
  await page.getByRole("textbox", { name: "Port" }).fill(String(database.port));
  await page.getByRole("textbox", { name: "Database" }).fill("postgres");
  await page.getByRole("textbox", { name: "User" }).fill("admin");
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await button(page, "Test").click();
  await shows(page.getByText("Connected", { exact: true }));
  await button(page, "Create").click();
  await shows(page.getByRole("button", { name: "Columns of orders" }));
  await accessible(page, "a datasource that was just made");

  await next(page, "Write a query").click();
  await shows(title(page, "New query"));
  await button(page, "Insert select * from orders").click();
  await page.keyboard.press("Control+Enter");
  await shows(page.getByRole("region", { name: "Result" }).getByRole("cell", { name: "2026-01-02" }));
  await page.keyboard.press("Control+S");
  await name(page, "All orders");
  await accessible(page, "a query that was just saved");

  await next(page, "Create widget").click();
  // a chart is suggested
  await page.getByRole("combobox", { name: "Type", exact: true }).click();
  await page.getByRole("option", { name: "Table", exact: true }).click();
  await shows(page.getByRole("cell", { name: "2026-01-02" }));
  await button(page, "Save…").click();
  assert.equal(
    await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).inputValue(),
    "All orders",
  );
  await name(page, "Orders of the year");

  await next(page, "Add to dashboard").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name of the new dashboard" }).fill("Sales");
  await accessible(page, "the dialog for a dashboard");
  await dialog.getByRole("button", { name: "Create dashboard" }).click();
  await shows(title(page, "Sales"));
  await shows(
    page.getByRole("article", { name: "Orders of the year" }).getByRole("cell", { name: "2 Jan 2026" }),
  );
  const [pressed, seconds] = [await clicks(), (Date.now() - start) / 1000];
  console.log(`first hour: ${pressed} clicks, ${seconds.toFixed(1)} s`);
  assert.ok(pressed <= MOST_CLICKS, `${pressed} clicks to the first dashboard`);

  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Home" }).click();
  const steps = page.getByRole("region", { name: "Get started" });
  await shows(steps.getByRole("link", { name: /^Done Create a dashboard/ }));
  assert.equal(await steps.getByRole("link", { name: /^Done/ }).count(), 4);
});

journey("a widget is added to an existing dashboard", async (page) => {
  await page.goto("/sign-in");
  await page.getByRole("textbox", { name: "Email" }).fill("ada@example.com");
  await page.getByRole("textbox", { name: "Password" }).fill("correct horse");
  await button(page, "Sign in").click();
  await shows(title(page, "Teahouse"));
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Widgets" }).click();
  await link(page, "Orders of the year").click();
  await button(page, "More actions").click();
  await page.getByRole("menuitem", { name: "Add to dashboard…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sales" }).click();
  await shows(page.getByText("Unsaved changes"));
  await shows(page.getByRole("article", { name: "Orders of the year" }).nth(1));
  await button(page, "Save and view").click();
  await shows(link(page, "Edit"));
  await shows(
    page
      .getByRole("article", { name: "Orders of the year" })
      .nth(1)
      .getByRole("cell", { name: "2 Jan 2026" }),
  );
});

journey("the checklist of an empty tenant can be completed in any order", async (page) => {
  await page.goto("/sign-in?next=/new-tenant");
  await page.getByRole("textbox", { name: "Email" }).fill("ada@example.com");
  await page.getByRole("textbox", { name: "Password" }).fill("correct horse");
  await button(page, "Sign in").click();
  await page.getByRole("textbox", { name: "Name" }).fill("Empty");
  await button(page, "Create tenant").click();
  await shows(title(page, "Empty"));
  const home = page.url();
  // An empty tenant offers data and templates; the checklist follows with the first record.
  await page.goto(`${home}/dashboards/new`);
  await name(page, "First");
  await page.goto(home);
  const step = async (name, arrived) => {
    await page.goto(home);
    await link(page, name).click();
    await shows(arrived);
  };
  await step(/Write a query/, link(page, "New datasource"));
  await step(/Create a widget/, title(page, "New widget"));
  await step(/Connect a datasource/, title(page, "New datasource"));
  await step(/Automate a task/, page.getByRole("dialog", { name: "New workflow" }));
  await step(/Invite a member/, title(page, "Members"));
});
