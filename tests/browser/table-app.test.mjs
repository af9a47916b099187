// From an empty directory to a working app over a PostgreSQL table: search, add, edit, delete, also on a phone.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import {
  button,
  countClicks,
  firstTenant,
  fitsSideways,
  hides,
  notice,
  shows,
  title,
} from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { HANDS } from "./support/hands.mjs";
import { suite } from "./support/journey.mjs";
import {
  cell,
  closeForm,
  connect,
  create,
  DATABASES,
  edit,
  edits,
  openCreate,
  rows,
} from "./support/shop.mjs";

/** Maximum number of clicks and seconds from the first page of an empty tenant to the app. */
const MOST_CLICKS = 15;
const MOST_SECONDS = 120;

let database;
before(async () => {
  database = await DATABASES.postgres.start();
});
after(() => database?.stop());

const journey = suite({ demo: false });

/** Whether an element is within another one vertically. */
async function isInside(element, frame) {
  const [inner, outer] = await Promise.all([element.boundingBox(), frame.boundingBox()]);
  return inner.y >= outer.y && inner.y + inner.height <= outer.y + outer.height;
}

async function search(page, text) {
  await rows(page).getByRole("textbox", { name: "Search Orders" }).fill(text);
}

async function select(page, form, label, option) {
  await form.getByRole("combobox", { name: label }).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

/** The failure that the journey causes on purpose: a number that does not fit. */
const OVERFLOW = /^\d+ \/api\/v1\/tenants\/[^/]+\/dashboards\/[^/]+\/actions$/;

journey("a table becomes an app that works", { expected: [OVERFLOW] }, async (page) => {
  const clicks = await countClicks(page);
  const start = Date.now();
  await page.goto("/");
  await firstTenant(page);
  await connect(page, HANDS.mouse.of(page), DATABASES.postgres, database.port);

  await shows(title(page, "App from a table"));
  await shows(
    page.getByRole("region", { name: "Preview" }).getByRole("cell", { name: "Order no. 1" }).first(),
  );
  await accessible(page, "the page that creates an app");
  await button(page, "Create app").click();
  await shows(title(page, "Orders"));
  await shows(cell(page, "Order no. 60"));
  const [pressed, seconds] = [await clicks(), (Date.now() - start) / 1000];
  console.log(`app from a table: ${pressed} clicks, ${seconds.toFixed(1)} s`);
  assert.ok(pressed <= MOST_CLICKS, `${pressed} clicks to the app`);
  assert.ok(seconds <= MOST_SECONDS, `${seconds} s to the app`);
  await shows(rows(page).getByText("1–15 of 60"));
  await accessible(page, "a new app");
  // The buttons of long forms are in sight.
  const hand = HANDS.mouse.of(page);
  await openCreate(page, hand);
  await accessible(page, "the form for a new row");
  await create(page).getByRole("textbox", { name: "Notes" }).scrollIntoViewIfNeeded();
  assert.ok(await isInside(create(page).getByRole("button", { name: "Create" }), create(page)));
  await closeForm(page, hand);

  // Search, sort and pages are up to the server.
  await search(page, "no. 42");
  await shows(rows(page).getByText("1–1 of 1"));
  await shows(cell(page, "Order no. 42"));
  await search(page, "grace");
  await shows(rows(page).getByText("1–15 of 20"));
  await search(page, "");
  await rows(page).getByRole("button", { name: "Total" }).click();
  await shows(cell(page, "Order no. 1"));
  await rows(page).getByRole("button", { name: "Next page" }).click();
  await shows(rows(page).getByText("16–30 of 60"));

  // Edit a row that is not on the first page.
  await cell(page, "Order no. 25").click();
  await shows(edit(page));
  const notes = edit(page).getByRole("textbox", { name: "Notes" });
  assert.equal(await notes.inputValue(), "Order no. 25");
  await notes.fill("Call before delivery");
  await select(page, edit(page), "Customer", "Linus");
  await edit(page).getByRole("checkbox", { name: "Paid" }).check();
  await edit(page).getByRole("button", { name: "Save" }).click();
  await shows(notice(page, "Row saved."));
  await hides(edit(page));
  await shows(cell(page, "Call before delivery"));
  await shows(rows(page).getByText("16–30 of 60"));

  // Add one: the database's default applies to what is left empty.
  await openCreate(page, hand);
  await select(page, create(page), "Customer", "Ada");
  await create(page).getByRole("textbox", { name: "Notes" }).fill("The newest");
  await create(page).getByRole("button", { name: "Create" }).click();
  await shows(notice(page, "Row created."));
  await hides(create(page));
  await search(page, "newest");
  await shows(rows(page).getByText("1–1 of 1"));
  await shows(cell(page, "new"));

  // A failed action keeps the input.
  await cell(page, "The newest").click();
  await edits(page, "The newest");
  const total = edit(page).getByRole("textbox", { name: "Total" });
  await total.fill("99999999999");
  await edit(page).getByRole("button", { name: "Save" }).click();
  await shows(
    edit(page)
      .getByText(/numeric field overflow/)
      .first(),
  );
  assert.match(await total.inputValue(), /^99.?999.?999.?999$/);
  // What was entered for one row is not shown for another, and not lost without a question.
  await button(page.getByRole("dialog", { name: "Edit row" }), "Close").click();
  await page
    .getByRole("dialog", { name: "Discard changes?" })
    .getByRole("button", { name: "Discard" })
    .click();
  await hides(edit(page));
  await search(page, "no. 42");
  await cell(page, "Order no. 42").click();
  await edits(page, "Order no. 42");
  assert.match(await total.inputValue(), /^105/);
  await closeForm(page, hand);

  await search(page, "newest");
  await shows(cell(page, "The newest"));
  await rows(page).getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await shows(rows(page).getByText("No results"));
  await shows(rows(page).getByText("1 row deleted."));
  await search(page, "");
  await shows(rows(page).getByText("1–15 of 60"));

  await page.setViewportSize({ width: 390, height: 844 });
  await shows(cell(page, "Order no. 1"));
  await fitsSideways(page);
  await cell(page, "Order no. 2").click();
  await shows(edit(page).getByRole("button", { name: "Save" }));
  await accessible(page, "an app on a phone");
});
