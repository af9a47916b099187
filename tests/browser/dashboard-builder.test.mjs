// Building dashboards: tabs, layouts, relative ranges as defaults, form values, and two users at once.
import assert from "node:assert/strict";
import { button, choose, fitsSideways, hides, openFrom, shows, signIn } from "./support/app.mjs";
import { owner } from "./support/api.mjs";
import { accessible } from "./support/axe.mjs";
import { PHONE } from "./support/browser.mjs";
import { makeDashboard, sqlQuery } from "./support/dashboards.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const item = (page, name) => page.getByRole("article", { name, exact: true });
const tabsOf = (page) => page.getByRole("list", { name: "Dashboard tabs" });
const tab = (page, name) => tabsOf(page).getByRole("button", { name, exact: true });
const titles = (page) => tabsOf(page).getByRole("button").allInnerTexts();

const figure = (queryID, at, tab) => ({
  type: "number",
  config: { queryID, field: "n" },
  at,
  ...(tab ? { tab } : {}),
});

/** Creates a dashboard with three numbers in a row, two of them above each other. */
async function figures(server, name, rest) {
  const api = await owner(server);
  const query = await sqlQuery(api, `Figures of ${name}`, "select 42 as n");
  const dashboard = await makeDashboard(
    api,
    name,
    {
      North: figure(query, [0, 0, 3, 2]),
      South: figure(query, [3, 0, 3, 2]),
      East: figure(query, [0, 2, 3, 2]),
    },
    rest,
  );
  return { api, dashboard };
}

async function edit(page, name) {
  await openFrom(page, "Dashboards", name);
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await shows(button(page, "Move North"));
  await shows(item(page, "North").getByText("42"));
}

async function tabMenu(page, name, action) {
  await button(page, `Actions of the tab ${name}`).click();
  await page.getByRole("menuitem", { name: action, exact: true }).click();
}

/** In both schemes. */
async function accessibleInBoth(page, where) {
  // No tooltip appears.
  await page.mouse.move(0, 0);
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme });
    await shows(page.locator(`html[data-mantine-color-scheme=${scheme}]`));
    await accessible(page, `${where}, ${scheme}`);
  }
}

journey("tabs are added, renamed in place, filled, reordered, removed and restored", async (page, server) => {
  await signIn(page);
  const { api, dashboard } = await figures(server, "Growing");
  await edit(page, "Growing");
  assert.equal(await tabsOf(page).count(), 0, "without tabs there is no row of them");
  await button(page, "Add tab").click();
  const name = page.getByRole("textbox", { name: "Tab name" });
  await name.fill("Details");
  await name.press("Enter");
  assert.deepEqual(await titles(page), ["Tab 1", "Details"]);
  await shows(page.getByRole("heading", { name: "This tab is empty" }));
  await tab(page, "Tab 1").dblclick();
  await name.fill("Overview");
  await name.press("Enter");

  await button(page, "Actions of South").click();
  await page.getByRole("menuitem", { name: "Move to tab" }).hover();
  await page.getByRole("menuitem", { name: "Details", exact: true }).click();
  await hides(item(page, "South"));
  await tab(page, "Details").click();
  await shows(item(page, "South").getByText("42"));
  await accessibleInBoth(page, "the builder with tabs");

  await tabMenu(page, "Details", "Move left");
  assert.deepEqual(await titles(page), ["Details", "Overview"]);
  await tab(page, "Overview").dragTo(tab(page, "Details"), {
    targetPosition: { x: 8, y: 8 },
  });
  assert.deepEqual(await titles(page), ["Overview", "Details"]);

  await tabMenu(page, "Details", "Remove tab");
  const question = page.getByRole("dialog", { name: "Remove tab?" });
  await shows(question.getByText("the 1 widget on it"));
  await accessible(page, "the question before a tab goes");
  await question.getByRole("button", { name: "Remove" }).click();
  await hides(question);
  assert.deepEqual(await titles(page), ["Overview"]);
  await button(page, "Undo").click();
  assert.deepEqual(await titles(page), ["Overview", "Details"]);
  await tab(page, "Details").click();
  await shows(item(page, "South"));
  await button(page, "Save and view").click();
  await shows(page.getByRole("tab", { name: "Details", selected: true }));
  await shows(item(page, "South").getByText("42"));
  const saved = await api("GET", `dashboards/${dashboard.id}`);
  assert.deepEqual(
    [saved.tabs, saved.items.map((one) => one.tab)],
    [
      [
        { key: "tab1", title: "Overview" },
        { key: "tab2", title: "Details" },
      ],
      ["tab1", "tab2", "tab1"],
    ],
  );
});

journey(
  "the last tab is removed without its items, and a phone has a layout for each tab",
  async (page, server) => {
    await signIn(page);
    await figures(server, "Shrinking");
    await edit(page, "Shrinking");
    await button(page, "Add tab").click();
    await page.keyboard.press("Escape");
    await tabMenu(page, "Tab 2", "Remove tab");
    assert.deepEqual(await titles(page), ["Tab 1"], "an empty tab goes at once");
    await page.getByText("Phone", { exact: true }).click();
    await button(page, "Move North").press("ArrowDown");
    await shows(page.getByText("Custom layout."));
    await button(page, "Add tab").click();
    await page.keyboard.press("Enter");
    await shows(page.getByText("Uses the desktop layout."));
    await tabMenu(page, "Tab 2", "Remove tab");
    await tabMenu(page, "Tab 1", "Remove tabs");
    await hides(tabsOf(page));
    for (const name of ["North", "South", "East"]) await shows(item(page, name));
    await shows(page.getByText("Custom layout."));
    await page.setViewportSize(PHONE);
    await shows(button(page, "Widgets and settings"));
    await fitsSideways(page);
    await accessible(page, "the builder on a phone");
  },
);

const sizeOf = async (page, name) => {
  const { width, height } = await item(page, name).boundingBox();
  return [Math.round(width), Math.round(height)];
};

/** Resolves when an item has the expected size. */
async function becomes(page, name, wanted) {
  await page.waitForFunction(
    ([title, [width, height]]) => {
      const box = document.querySelector(`article[aria-label="${title}"]`)?.getBoundingClientRect();
      return box && Math.abs(box.width - width) <= 2 && Math.abs(box.height - height) <= 2;
    },
    [name, wanted],
  );
}

journey("an item is resized by mouse and keyboard, which can be undone and saved", async (page, server) => {
  await signIn(page);
  const { api, dashboard } = await figures(server, "Sizes");
  await edit(page, "Sizes");
  const before = await sizeOf(page, "South");
  const column = (before[0] + 12) / 3;
  const handle = page.locator("[data-item=South] .react-resizable-handle");
  const { x, y, width, height } = await handle.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + 2 * column, y + height / 2 + 60, {
    steps: 8,
  });
  await page.mouse.up();
  const larger = [Math.round(before[0] + 2 * column), before[1] + 60];
  await becomes(page, "South", larger);
  await button(page, "Undo").click();
  await becomes(page, "South", before);
  await button(page, "Redo").click();
  await becomes(page, "South", larger);

  const grip = button(page, "Move South");
  await grip.press("Shift+ArrowRight");
  await becomes(page, "South", [Math.round(larger[0] + column), larger[1]]);
  await grip.press("Shift+ArrowDown");
  await becomes(page, "South", [Math.round(larger[0] + column), larger[1] + 60]);
  assert.equal(await grip.evaluate((element) => element === document.activeElement), true, "the focus stays");
  await button(page, "Save").click();
  await shows(page.getByText(/v2/));
  const { layouts } = await api("GET", `dashboards/${dashboard.id}`);
  assert.deepEqual(
    layouts.lg.find(({ i }) => i === "South"),
    { i: "South", x: 3, y: 0, w: 6, h: 4 },
  );
});

journey(
  "two browser tabs save: the second is shown both versions and asked to decide",
  { expected: [/^412 .*\/dashboards\//] },
  async (page, server) => {
    await signIn(page);
    const { api, dashboard } = await figures(server, "Contested");
    await edit(page, "Contested");
    const other = await page.context().newPage();
    await other.goto(page.url());
    await shows(button(other, "Move North"));
    const rename = async (on, name) => {
      await button(on, /^Rename/).click();
      await on.getByRole("textbox", { name: "Name", exact: true }).fill(name);
      await on.keyboard.press("Enter");
    };
    await rename(page, "Contested by me");
    await rename(other, "Contested by the other");
    await button(other, "Save").click();
    await shows(other.getByText(/v2/));
    await shows(page.getByText("A newer version exists. Your changes are kept."));
    await button(page, "Save").click();
    const conflict = page.getByRole("dialog", { name: "You saved changes in another window" });
    await shows(conflict.getByText("Contested by me").first());
    await shows(conflict.getByText("Contested by the other").first());
    await accessibleInBoth(page, "the two versions of a conflict");
    await conflict.getByRole("button", { name: "Overwrite" }).click();
    await hides(conflict);
    await shows(page.getByText(/v3/));
    assert.equal((await api("GET", `dashboards/${dashboard.id}`)).name, "Contested by me");
    await other.close();
  },
);

journey(
  "a variable defaults to a relative range, and a reserved name is rejected at its field",
  { expected: [/^400 .*\/dashboards\//] },
  async (page, server) => {
    await signIn(page);
    const { api, dashboard } = await figures(server, "Moving", {
      variables: [{ name: "period", type: "text" }],
    });
    await edit(page, "Moving");
    await page.getByRole("tab", { name: /^Filters/ }).click();
    await choose(page, "Type", "Date range");
    await button(page, "Default: Any time").click();
    await page.getByRole("dialog", { name: "Default" }).getByRole("button", { name: "This month" }).click();
    await shows(button(page, "Default: This month"));
    await button(page, "Add tab").click();
    await page.keyboard.press("Enter");
    const name = page.getByRole("tabpanel", { name: /^Filters/ }).getByRole("textbox", { name: "Name" });
    await name.fill("tab");
    await button(page, "Save").click();
    await shows(page.getByText(/tab is reserved. Enter another name./).first());
    await name.fill("period");
    await button(page, "Save").click();
    await shows(page.getByText(/v2/));
    assert.equal((await api("GET", `dashboards/${dashboard.id}`)).variables[0].default, "this-month");
    await accessibleInBoth(page, "the variables of a dashboard with tabs");
  },
);

journey("each form field has the settings of its type and no others", async (page) => {
  await signIn(page);
  await openFrom(page, "Dashboards", "Widget gallery");
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await shows(button(page, "Move Refund an order"));
  await button(page, "Actions of Refund an order").click();
  await page.getByRole("menuitem", { name: "Configure" }).click();
  const panel = page.getByRole("region", { name: "Settings" });
  const field = (number) => panel.getByRole("group", { name: `Fields ${number}` });
  const has = async (number, labels) => {
    const fold = field(number).getByRole("button").first();
    if ((await fold.getAttribute("aria-expanded")) === "false") await fold.click();
    const advanced = field(number).getByRole("button", { name: "Advanced" });
    if ((await advanced.getAttribute("aria-expanded")) === "false") await advanced.click();
    await shows(field(number).getByText("Help", { exact: true }));
    for (const label of ["Options", "Minimum", "Maximum"])
      assert.equal(
        await field(number).getByText(label, { exact: true }).count(),
        labels.includes(label) ? 1 : 0,
        `${label} of field ${number}`,
      );
  };
  await shows(field(1));
  await has(1, ["Minimum", "Maximum"]);
  await has(2, ["Options"]);
  await has(3, []);
  const type = field(3).getByRole("combobox", { name: "Type" });
  await type.click();
  await page.getByRole("option", { name: "Choice", exact: true }).click();
  await has(3, ["Options"]);
  await type.click();
  await page.getByRole("option", { name: "Long text", exact: true }).click();
  await has(3, ["Minimum", "Maximum"]);
  await accessibleInBoth(page, "the fields of a form");
});
