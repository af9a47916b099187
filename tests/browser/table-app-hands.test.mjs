// From an empty tenant to an app over a real database, by mouse, on a phone and by keyboard; then an Operator and a
// Viewer use the app.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { as, newMember } from "./support/api.mjs";
import {
  button,
  countClicks,
  FIRST,
  firstTenant,
  fitsSideways,
  hides,
  link,
  notice,
  shows,
} from "./support/app.mjs";
import { signInAs, title } from "./support/app.mjs";
import { HANDS } from "./support/hands.mjs";
import { stranger, suite } from "./support/journey.mjs";
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

const MOST_CLICKS = 15;
const MOST_SECONDS = 120;
/** A statement in a response. */
const SQL = /\b(select|update|insert|delete)\s[^"]*\b(from|set|into)\b/i;

const ports = {};
const stops = [];
before(async () => {
  for (const [key, { start }] of Object.entries(DATABASES)) {
    const { port, stop } = await start();
    ports[key] = port;
    stops.push(stop);
  }
});
after(() => Promise.all(stops.map((stop) => stop())));

const journey = suite({ demo: false, isFresh: true });

const search = (page, hand, text) =>
  hand.write(rows(page).getByRole("textbox", { name: "Search Orders" }), text);

async function textOf(request) {
  const response = await request.response();
  return response.headers()["content-type"]?.startsWith("application/json") ? response.text() : "";
}

/** Opens the app as someone with a role; returns the texts of all JSON responses. */
async function openApp(page, account, hand) {
  const answers = [];
  // Streams do not end.
  page.on("requestfinished", (request) => answers.push(textOf(request).catch(() => "")));
  await signInAs(page, account, "Teahouse", hand);
  await hand.press(link(page, /^Orders/));
  await shows(title(page, "Orders"));
  await shows(cell(page, "Order no. 60"));
  return answers;
}

/** Edits a row and sees neither SQL nor a way to it. */
async function operate(page, account, hand, number) {
  const answers = await openApp(page, account, hand);
  await hand.press(cell(page, `Order no. ${number}`));
  await edits(page, `Order no. ${number}`);
  await hand.write(edit(page).getByRole("textbox", { name: "Notes" }), `Left ${number} with the neighbor`);
  await hand.press(button(edit(page), "Save"));
  await shows(cell(page, `Left ${number} with the neighbor`));
  assert.equal(await link(page, "Edit").count(), 0);
  assert.equal(await link(page, "Queries").count(), 0);
  const read = await Promise.all(answers);
  assert.ok(
    read.some((answer) => answer.includes("Edit row")),
    "the dashboard is among the responses",
  );
  for (const answer of read) assert.doesNotMatch(answer, SQL);
}

/** Sees the rows and can press nothing that would change them. */
async function view(page, account, hand, number) {
  await openApp(page, account, hand);
  await hand.press(cell(page, `Order no. ${number}`));
  const details = page.getByRole("dialog", { name: "Details" });
  await shows(details.getByRole("definition").filter({ hasText: `Order no. ${number}` }));
  await shows(details.getByRole("definition").filter({ hasText: /Ada|Grace|Linus/ }));
  assert.equal(await details.getByRole("textbox").count(), 0, "a viewer enters nothing");
  assert.equal(await button(details, "Save").count(), 0, "a viewer saves nothing");
  await closeForm(page, hand);
  const add = button(page, "New row");
  assert.ok(await add.isDisabled(), "a viewer adds nothing");
  await hand.learn(add);
  await shows(page.getByRole("tooltip", { name: /^Your role/ }));
  for (const remove of await rows(page).getByRole("button", { name: "Delete" }).all())
    assert.ok(await remove.isDisabled());
}

/** Search, edit, add, delete. */
async function work(page, hand, number) {
  await search(page, hand, `no. ${number}`);
  await shows(rows(page).getByText("1–1 of 1"));
  await hand.press(cell(page, `Order no. ${number}`));
  await edits(page, `Order no. ${number}`);
  await hand.write(edit(page).getByRole("textbox", { name: "Notes" }), `Call ${number} first`);
  await hand.choose(edit(page).getByRole("combobox", { name: "Customer" }), "Linus");
  await hand.press(edit(page).getByRole("checkbox", { name: "Paid" }));
  await hand.press(button(edit(page), "Save"));
  await shows(notice(page, "Row saved."));
  await search(page, hand, `Call ${number}`);
  await shows(cell(page, `Call ${number} first`));

  await openCreate(page, hand);
  await hand.choose(create(page).getByRole("combobox", { name: "Customer" }), "Ada");
  await hand.write(create(page).getByRole("textbox", { name: "Notes" }), "The newest");
  await hand.press(button(create(page), "Create"));
  await shows(notice(page, "Row created."));
  await search(page, hand, "newest");
  await shows(cell(page, "The newest"));
  await shows(cell(page, "new"));
  await hand.press(rows(page).getByRole("button", { name: "Delete" }));
  const question = page.getByRole("dialog");
  await shows(question.getByRole("definition").filter({ hasText: "Ada" }));
  await hand.press(button(question, "Delete"));
  await hides(question);
  await shows(rows(page).getByText("No results"));
  await search(page, hand, "");
  await shows(rows(page).getByText("of 60"));
}

/** The database, the hand, and the orders that it works with. */
const WAYS = [
  ["mariadb", HANDS.mouse, [42, 58, 57]],
  ["postgres", HANDS.touch, [42, 58, 57]],
  ["mariadb", HANDS.keyboard, [43, 56, 55]],
  ["mariadb", HANDS.touch, [44, 54, 53]],
  ["postgres", HANDS.keyboard, [43, 56, 55]],
  ["postgres", HANDS.mouse, [44, 54, 53]],
];
for (const [key, { name, page: look, of }, [edited, operated, viewed]] of WAYS)
  journey(`a ${DATABASES[key].name} table becomes an app ${name}`, look, async (page, server) => {
    const hand = of(page);
    const clicks = await countClicks(page);
    const start = Date.now();
    await page.goto("/");
    await firstTenant(page, hand);
    await connect(page, hand, DATABASES[key], ports[key]);
    await shows(title(page, "App from a table"));
    await fitsSideways(page);
    await hand.press(button(page, "Create app"));
    await shows(title(page, "Orders"));
    await shows(cell(page, "Order no. 60"));
    const [pressed, seconds] = [await clicks(), (Date.now() - start) / 1000];
    console.log(`app ${name}: ${pressed} clicks, ${seconds.toFixed(1)} s`);
    assert.ok(pressed <= MOST_CLICKS, `${pressed} clicks to the app`);
    assert.ok(seconds <= MOST_SECONDS, `${seconds} s to the app`);
    await work(page, hand, edited);
    await fitsSideways(page);

    const api = await as(server, FIRST);
    for (const [role, use, number] of [
      ["Operator", operate, operated],
      ["Viewer", view, viewed],
    ]) {
      const account = await newMember(server, api, role);
      await stranger(page, look, (theirs) => use(theirs, account, of(theirs), number));
    }
  });
