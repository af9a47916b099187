// What all records share: history, uses, deletion and the trash.
import assert from "node:assert/strict";
import { owner } from "./support/api.mjs";
import {
  button,
  fitsSideways,
  hides,
  link,
  notice,
  openFrom,
  shows,
  signIn,
  title,
  write,
} from "./support/app.mjs";
import { accessible, accessibleEverywhere } from "./support/axe.mjs";
import { PHONE } from "./support/browser.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });

/** Creates a query, and a widget that shows it. */
async function queryWithWidget(server, name) {
  const api = await owner(server);
  const { items } = await api("GET", "data-queries?q=Orders%20by%20status");
  const { datasourceID } = await api("GET", `data-queries/${items[0].id}`);
  const options = { sql: "select 1 as one" };
  const query = await api("POST", "data-queries", { name, datasourceID, options });
  const config = { queryID: query.id };
  const widget = await api("POST", "widgets", { name: `${name} as a table`, type: "table", config });
  return { api, query, widget };
}

async function act(page, item) {
  await button(page, "More actions").click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

journey("a query's history says what changed, compares versions, and restores one", async (page, server) => {
  const { api, query } = await queryWithWidget(server, "Counted");
  await signIn(page);
  await openFrom(page, "Queries", "Counted");
  await write(page, "SQL", "select 2 as two,\n  3 as three");
  await button(page, "Save").click();
  await shows(page.getByText(/v2$/));
  await api("PATCH", `data-queries/${query.id}`, { name: "Counted again", maxRows: 5 });
  await shows(page.getByText(/v2$/));
  await page.reload();

  await act(page, "History");
  const history = page.getByRole("dialog", { name: "History of Counted again" });
  const entry = (number) => history.getByRole("button", { name: new RegExp(`^v${number}\\b`) });
  await shows(entry(3).getByText("Name changed from “Counted” to “Counted again”"));
  await shows(entry(2).getByText("SQL changed"));
  await shows(entry(1).getByText("Created"));
  const details = history.getByRole("region", { name: "Version 3" });
  await shows(details.locator("ins").getByText("Counted again"));
  await accessibleEverywhere(page, "the history of a query");

  await entry(2).click();
  await shows(history.getByText("select 1 as one", { exact: true }));
  await history.getByText("Changes since this version").click();
  await shows(history.locator("ins").getByText("Counted again"));
  await button(history, "Restore this version").click();
  await hides(history);
  await shows(title(page, /Counted$/));
  await shows(page.getByText(/v4$/));
  await button(notice(page, "Restored version 2"), "Undo").click();
  await shows(title(page, /Counted again$/));
  await shows(page.getByText(/v5$/));
  assert.equal((await api("GET", `data-queries/${query.id}`)).maxRows, 5);
});

journey("on a phone, the history stays readable", { viewport: PHONE }, async (page, server) => {
  const { api, query } = await queryWithWidget(server, "Pocketed");
  await api("PATCH", `data-queries/${query.id}`, {
    options: { sql: "select 'another rather long statement' as two" },
  });
  await signIn(page);
  await page.goto(`${new URL(page.url()).pathname}/data-queries/${query.id}`);
  await act(page, "History");
  const history = page.getByRole("dialog", { name: "History of Pocketed" });
  await shows(history.locator("ins").getByText("select 'another rather long statement' as two"));
  await fitsSideways(page);
});

journey(
  "what uses a query is shown, deleted with it by its name, and comes back with it",
  async (page, server) => {
    const { widget } = await queryWithWidget(server, "Needed");
    await signIn(page);
    await openFrom(page, "Queries", "Needed");
    await act(page, "Used by…");
    const uses = page.getByRole("dialog", { name: "Where Needed is used" });
    await shows(link(uses, "Needed as a table"));
    await accessible(page, "where a query is used");
    await link(uses, "Needed as a table").click();
    await shows(title(page, /Needed as a table$/));
    await page.goBack();

    await act(page, "Delete");
    const dialog = page.getByRole("dialog", { name: "Delete query?" });
    await shows(link(dialog, "Needed as a table"));
    assert.equal(await button(dialog, "Delete all").isDisabled(), true);
    await accessible(page, "the deletion of a query that is used");
    await dialog.getByRole("textbox").fill("Needed");
    await button(dialog, "Delete all").click();
    await shows(title(page, "Queries"));
    await button(notice(page, "Deleted Needed"), "Undo").click();
    await shows(notice(page, "Restored Needed"));
    await page.goto(`${new URL(page.url()).pathname.replace(/\/data-queries.*/, "")}/widgets/${widget.id}`);
    await shows(title(page, /Needed as a table$/));
  },
);

journey("deleted records are restored from the trash, or deleted for good", async (page, server) => {
  const { api, query, widget } = await queryWithWidget(server, "Dropped");
  await signIn(page);
  await page.goto(`${new URL(page.url()).pathname}/widgets/${widget.id}`);
  await act(page, "Delete");
  await button(page.getByRole("dialog", { name: "Delete widget?" }), "Delete").click();
  await shows(title(page, "Widgets"));
  await page.goto(`${new URL(page.url()).pathname.replace(/\/widgets.*/, "")}/settings/trash`);
  await shows(title(page, "Trash"));
  const row = page.getByRole("row").filter({ hasText: "Dropped as a table" });
  await shows(row.getByText(/^in \d+ days$/));
  await accessibleEverywhere(page, "the trash");
  await button(page, "Restore Dropped as a table").click();
  await shows(notice(page, "Restored Dropped as a table"));
  await hides(row);
  assert.equal((await api("GET", `widgets/${widget.id}`)).name, "Dropped as a table");

  await page.goto(`${new URL(page.url()).pathname.replace(/\/settings.*/, "")}/data-queries/${query.id}`);
  await act(page, "Delete");
  const dialog = page.getByRole("dialog", { name: "Delete query?" });
  await dialog.getByRole("textbox").fill("Dropped");
  await button(dialog, "Delete all").click();
  await shows(title(page, "Queries"));
  await page.goto(
    `${new URL(page.url()).pathname.replace(/\/data-queries.*/, "")}/settings/trash?kind=widget`,
  );
  await button(page, "Delete permanently: Dropped as a table").click();
  await button(page.getByRole("dialog"), "Delete permanently").click();
  await hides(row);
});
