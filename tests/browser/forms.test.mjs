// What is entered in the form of a row: nobody else's change, no other row and no step back may lose it.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { as } from "./support/api.mjs";
import { button, FIRST, firstTenant, link, shows, hides, title } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { suite } from "./support/journey.mjs";
import { PASSWORD } from "./support/database.mjs";
import { startPostgres } from "./support/postgres.mjs";

const TABLES = `create table orders (
    id int generated always as identity primary key,
    title text not null,
    notes text,
    paid boolean not null default false);
  insert into orders (title, notes) values ('Green tea', 'cold'), ('Black tea', 'warm'), ('White tea', 'hot');`;

let database;
before(async () => {
  database = await startPostgres(TABLES);
});
after(() => database?.stop());

const journey = suite({ demo: false });

const rows = (page) => page.getByRole("article", { name: "Orders" });
const form = (page) => page.getByRole("form", { name: "Edit row" });
const field = (page, name) => form(page).getByRole("textbox", { name });
const cell = (page, text) => rows(page).getByRole("cell", { name: text, exact: true });
const save = (page) => form(page).getByRole("button", { name: "Save" });
const question = (page) => page.getByRole("dialog", { name: "Discard changes?" });

/** Waits until a field has a value. */
const has = (page, name, value) =>
  page.waitForFunction(
    ([label, text]) =>
      [...document.querySelectorAll("form[aria-label='Edit row'] label")].some(
        (one) => one.textContent.startsWith(label) && one.control?.value === text,
      ),
    [name, value],
  );

/** Moves the form for a row from the drawer to the dashboard, below the table. */
async function placeForm(page, server) {
  const api = await as(server, FIRST);
  const { items: found } = await api("GET", "dashboards?q=Orders");
  const { id, items, layouts, widgets } = await api("GET", `dashboards/${found[0].id}`);
  const { widgetID } = items.find(({ key }) => key === "rows");
  const { config } = widgets.find((widget) => widget.id === widgetID);
  await api("PATCH", `widgets/${widgetID}`, { config: { ...config, opens: null } });
  await api("PATCH", `dashboards/${id}`, {
    items: items.map((item) => (item.key === "edit" ? { ...item, drawer: false } : item)),
    layouts: { lg: [...layouts.lg, { i: "edit", x: 0, y: 20, w: 6, h: 8 }] },
  });
  await page.reload();
  await shows(cell(page, "Green tea"));
}

async function createApp(page) {
  await page.goto("/");
  await firstTenant(page);
  await link(page, /Connect a datasource/).click();
  await link(page, /^PostgreSQL/).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Shop");
  await page.getByRole("textbox", { name: "Host" }).fill("127.0.0.1");
  await page.getByRole("textbox", { name: "Port" }).fill(String(database.port));
  await page.getByRole("textbox", { name: "Database" }).fill("postgres");
  await page.getByRole("textbox", { name: "User" }).fill("admin");
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await button(page, "Create").click();
  await link(page, "Create app from orders").click();
  await button(page, "Create app").click();
  await shows(title(page, "Orders"));
  await shows(cell(page, "Green tea"));
}

journey("what is entered for a row stays with it", async (page, server) => {
  await createApp(page);
  await placeForm(page, server);
  // False is a value.
  await shows(rows(page).getByRole("img", { name: "no" }).or(rows(page).locator("[aria-label=no]")).first());

  // Another tab changes the row meanwhile.
  await cell(page, "Green tea").click();
  await has(page, "Title", "Green tea");
  await field(page, "Title").fill("Sencha");
  await field(page, "Notes").fill("Mine");
  const other = await page.context().newPage();
  await other.goto(page.url());
  await has(other, "Title", "Green tea");
  await field(other, "Notes").fill("Theirs");
  await save(other).click();
  await shows(form(other).getByText("Row saved."));
  await other.close();

  await save(page).click();
  const conflict = form(page).getByRole("region", { name: "Changed by someone else" });
  await shows(conflict.getByRole("cell", { name: "Theirs", exact: true }));
  assert.equal(await field(page, "Title").inputValue(), "Sencha");
  assert.equal(await field(page, "Notes").inputValue(), "Mine");
  assert.equal(await save(page).isEnabled(), false);
  await accessible(page, "a form with a conflict");
  await conflict.getByRole("button", { name: "Overwrite with mine" }).click();
  await shows(form(page).getByText("Row saved."));
  await shows(cell(page, "Mine"));
  await shows(cell(page, "Sencha"));

  // Another row, and Back, ask before what was entered is lost.
  await field(page, "Notes").fill("Not saved");
  await cell(page, "Black tea").click();
  await shows(question(page));
  await accessible(page, "the question before another row");
  await question(page).getByRole("button", { name: "Cancel" }).click();
  await hides(question(page));
  assert.equal(await field(page, "Notes").inputValue(), "Not saved");
  await cell(page, "Black tea").click();
  await question(page).getByRole("button", { name: "Discard" }).click();
  await has(page, "Notes", "warm");
  await field(page, "Notes").fill("Not saved");
  await page.goBack();
  const leaving = page.getByRole("dialog", { name: "Leave without saving?" });
  await leaving.getByRole("button", { name: "Stay" }).click();
  await hides(leaving);
  await has(page, "Notes", "Not saved");
  assert.match(page.url(), /id=2/);
  await page.goBack();
  await leaving.getByRole("button", { name: "Leave" }).click();
  await has(page, "Title", "Sencha");
  await has(page, "Notes", "Mine");
});

journey("Back asks before it discards what is in the drawer of the dashboard editor", async (page) => {
  await page.goto("/");
  await page.getByRole("textbox", { name: "Email" }).fill("ada@example.com");
  await page.getByRole("textbox", { name: "Password" }).fill("correct horse");
  await button(page, "Sign in").click();
  await shows(title(page, "Teahouse"));
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Dashboards" }).click();
  await page.getByRole("main").getByRole("link", { name: "Orders", exact: true }).first().click();
  await shows(cell(page, "Black tea"));
  await link(page, "Edit").click();
  await button(page, "Add").click();
  await button(page, /Write a query/).click();
  const editor = page.getByRole("dialog").getByRole("textbox", { name: "SQL" });
  await editor.focus();
  await page.keyboard.insertText("select 1");
  await page.goBack();
  const leaving = page.getByRole("dialog", { name: "Leave without saving?" });
  await shows(leaving);
  await accessible(page, "the question over the drawer");
  await leaving.getByRole("button", { name: "Stay" }).click();
  await hides(leaving);
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await shows(page.getByRole("dialog", { name: "Discard changes?" }));
  await accessible(page, "the other question over the drawer");
});
