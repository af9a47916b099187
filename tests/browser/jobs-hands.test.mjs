// What people mainly do, by mouse, on a phone and by keyboard: a workflow built and tested step by step, a chart of a
// messy file, and a mistake undone.
import assert from "node:assert/strict";
import { owner } from "./support/api.mjs";
import { button, fitsSideways, hides, link, notice, shows, signIn, title } from "./support/app.mjs";
import { behind, makeDashboard, sqlQuery } from "./support/dashboards.mjs";
import { HANDS } from "./support/hands.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });

/** A journey for each kind of hand. */
const journeys = (name, body) => {
  for (const { name: way, page: look, of } of Object.values(HANDS))
    journey(`${name}, ${way}`, look, async (page, server) => {
      const hand = of(page);
      await signIn(page);
      const open = (path) => page.goto(`${page.url().match(/^.*\/t\/[^/]+/)[0]}/${path}`);
      await body({ page, hand, way, open, api: await owner(server) });
      await fitsSideways(page);
    });
};

const node = (page, name) => page.getByRole("group", { name: `Set values step ${name}`, exact: true });
const nameOf = (count) => (count === 1 ? "set" : `set${count}`);

/** Waits until the middle of an element is not covered. */
const inSight = async (page, element) =>
  page.waitForFunction(
    (one) => {
      const { left, right, top, bottom } = one.getBoundingClientRect();
      return one.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
    },
    await element.elementHandle(),
  );

/** Adds a step after the last one. */
async function addStep({ page, hand, way }, name) {
  if (way === HANDS.keyboard.name) for (const key of ["a", "s", "e", "t", "Enter"]) await hand.key(key);
  else {
    await hand.press(button(page, "Add a step"));
    await hand.press(
      page.getByRole("dialog", { name: "Add a step" }).getByRole("button", { name: /^Set values/ }),
    );
  }
  await shows(node(page, name));
  await inSight(page, node(page, name));
  if (way === HANDS.touch.name) await hand.press(button(page.getByRole("dialog", { name: "Step" }), "Close"));
}

journeys("ten steps are built and tested one by one", async (given) => {
  const { page, hand, way, open, api } = given;
  const { id } = await api("POST", "workflows", {
    name: `Ten ${way}`,
    nodes: [{ id: "start", type: "start", name: "start", config: {}, position: { x: 0, y: 0 } }],
    edges: [],
  });
  await open(`workflows/${id}`);
  await shows(page.getByRole("group", { name: "Start step start", exact: true }));
  for (let count = 1; count <= 10; count += 1) await addStep(given, nameOf(count));
  await fitsSideways(page);
  await hand.press(button(page, "Save"));
  await shows(page.getByText(/Saved just now/));

  // The first step is far to the left.
  await hand.press(button(page, "Find a step"));
  if (way !== HANDS.keyboard.name) {
    await hand.press(page.getByRole("option", { name: /^set\s*Set values/ }));
    if (way === HANDS.touch.name) await hand.press(button(page, "Open step"));
    else await node(page, "set").dblclick();
  } else {
    await hand.write(page.getByRole("combobox", { name: "Find a step" }), "set");
    for (let presses = 0; presses < 2; presses += 1) await hand.key("Enter");
  }
  const step = page.getByRole("dialog");
  const output = step.getByRole("region", { name: "Output", exact: true });
  for (let count = 1; count <= 10; count += 1) {
    await shows(page.getByRole("dialog", { name: new RegExp(`^${nameOf(count)}(?!\\d)`) }));
    await hand.press(button(step, "Run this step"));
    await shows(output.getByText(/Completed/));
    await inSight(page, output.getByText(/Completed/));
    if (count < 10) await hand.press(button(step, "Next step"));
  }
  await hand.press(button(step, "Close"));
  await hides(step);
});

const MESSY =
  "Umsätze Mai\n\nKonto;Betrag;Datum\n0012;1.234,50;31.05.2026\n0047;12,00;01.05.2026\n0051;7,25;02.05.2026\n";

journeys("a messy file becomes a chart", async ({ page, hand, way, open }) => {
  await open("datasources/new");
  const preview = page.getByRole("region", { name: "Preview" });
  await hand.write(page.getByRole("textbox", { name: "Search datasource types" }), "csv");
  await hand.press(link(page.getByRole("main"), /^File/));
  await hand.write(page.getByRole("textbox", { name: "Name", exact: true }), `Turnover ${way}`);
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    hand.press(button(page, "Upload file")),
  ]);
  await chooser.setFiles({
    name: `may ${way}.csv`,
    mimeType: "text/csv",
    buffer: Buffer.from(MESSY, "latin1"),
  });
  await hand.press(button(preview, /^Read the text as/));
  await hand.press(button(preview, /^Skip the first 2 lines/));
  await hand.press(button(preview, /^Read dates as day, month, year/));
  await hand.press(button(preview, /^Read numbers such as/));
  await shows(preview.getByRole("cell", { name: "2026-05-31" }));
  await fitsSideways(page);
  await hand.press(button(page, "Create"));
  await hand.press(link(page.getByRole("complementary", { name: "Next step" }), "Write a query"));
  await shows(title(page, "New query"));
  // On a phone the schema is behind a tab.
  const schema = page.getByRole("tab", { name: "Schema" });
  if (await schema.isVisible()) await hand.press(schema);
  await hand.press(button(page, /^Insert select/));
  await hand.press(page.getByRole("button", { name: /^Run/ }));
  await shows(page.getByRole("region", { name: "Result" }).getByRole("cell", { name: "2026-05-31" }));
  await hand.press(button(page, "Save…"));
  const dialog = page.getByRole("dialog");
  await hand.write(dialog.getByRole("textbox", { name: "Name" }), `Turnover ${way}`);
  await hand.press(button(dialog, "Save"));
  await hand.press(link(page.getByRole("complementary", { name: "Next step" }), "Create widget"));
  await hand.choose(page.getByRole("combobox", { name: "Type", exact: true }), "Line chart");
  const rows = await behind(page.getByRole("figure", { name: "Preview" }));
  assert.deepEqual(
    rows.map((row) => row.at(-1)),
    ["12", "7.25", "1,234.5"],
    "by date",
  );
});

async function act(page, hand, item) {
  await hand.press(button(page, "More actions"));
  await shows(page.getByRole("menuitem", { name: item, exact: true }));
  await hand.press(page.getByRole("menuitem", { name: item, exact: true }));
}

journeys(
  "a mistake is undone from the history and from the trash",
  async ({ page, hand, way, open, api }) => {
    const name = `Kept ${way}`;
    const id = await sqlQuery(api, name, "select 1 as one");
    await api("PATCH", `data-queries/${id}`, { options: { sql: "select 2 as two" } });
    await open(`data-queries/${id}`);
    await act(page, hand, "History");
    const history = page.getByRole("dialog", { name: `History of ${name}` });
    await hand.press(history.getByRole("button", { name: /^v1\b/ }));
    await hand.press(button(history, "Restore this version"));
    await hides(history);
    await shows(page.getByText(/v3$/));
    await hand.press(button(notice(page, "Restored version 1"), "Undo"));
    await shows(page.getByText(/v4$/));

    await act(page, hand, "Delete");
    await hand.press(button(page.getByRole("dialog", { name: "Delete query?" }), "Delete"));
    await shows(title(page, "Queries"));
    await open("settings/trash");
    await hand.press(button(page, `Restore ${name}`));
    await shows(notice(page, `Restored ${name}`));
    assert.equal((await api("GET", `data-queries/${id}`)).options.sql, "select 2 as two");
  },
);
