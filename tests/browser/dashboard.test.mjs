import assert from "node:assert/strict";
import { choose, hides, openFrom, shows, signIn } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const NUMBERS = ["Revenue", "Orders", "Average basket", "Refund rate"];
const CHARTS = ["Revenue by month", "Revenue by country", "Revenue by category", "Sales targets by month"];
const item = (page, name) => page.getByRole("article", { name, exact: true });

/** Waits until every item of the sales dashboard shows its data. */
async function allDrawn(page) {
  for (const name of NUMBERS) await shows(item(page, name).getByText(/\d/).first());
  for (const name of CHARTS)
    await shows(
      item(page, name)
        .getByRole("img", { name: new RegExp(name) })
        .locator("canvas"),
    );
  await shows(item(page, "Latest orders").getByRole("row").nth(10));
  assert.equal(await page.getByRole("alert").count(), 0, "an item failed");
  assert.equal(await page.getByRole("article").count(), NUMBERS.length + CHARTS.length + 1);
}

journey(
  "one click signs in to the demo, and the sales dashboard shows every widget with live data",
  async (page) => {
    await signIn(page);
    await openFrom(page, "Dashboards", "Sales overview");
    await allDrawn(page);
  },
);

journey("a variable loads new data and stays in the URL", async (page) => {
  await signIn(page);
  await openFrom(page, "Dashboards", "Sales overview");
  await allDrawn(page);
  const revenue = item(page, "Revenue");
  const before = await revenue.innerText();
  const asked = page.waitForRequest(
    (request) => request.method() === "POST" && /\/dashboards\/[^/]+\/data$/.test(request.url()),
  );
  await choose(page, "Number of days", "365");
  assert.deepEqual((await asked).postDataJSON(), {
    variables: { days: "365" },
  });
  await shows(revenue.filter({ hasNotText: before.split("\n")[1] }));
  assert.equal(new URL(page.url()).searchParams.get("days"), "365");
  await page.reload();
  await allDrawn(page);
  assert.notEqual(await revenue.innerText(), before);
});

journey(
  "clicking a bar sets a variable: a chip shows it, clears it, and the back button works",
  async (page) => {
    await signIn(page);
    await openFrom(page, "Dashboards", "Widget gallery");
    const country = () => new URL(page.url()).searchParams.get("country");
    const chip = page
      .getByRole("region", { name: "Filters" })
      .getByRole("button", { name: /^Clear filter Country: / });
    await item(page, "Filter by country").getByRole("button", { name: "Select Spain" }).press("Enter");
    await shows(chip.filter({ hasText: "Country: Spain" }));
    assert.equal(country(), "Spain");
    await item(page, "Filter by country").getByRole("button", { name: "Select Germany" }).press("Enter");
    await shows(chip.filter({ hasText: "Germany" }));
    await page.goBack();
    await shows(chip.filter({ hasText: "Spain" }));
    await accessible(page, "a dashboard that is filtered");
    await chip.click();
    await hides(chip);
    assert.equal(country(), null);
  },
);

journey("one item is refreshed, and downloaded as rows and as an image", async (page) => {
  await signIn(page);
  await openFrom(page, "Dashboards", "Sales overview");
  await allDrawn(page);
  const act = async (name) => {
    await item(page, "Revenue by country").hover();
    await page.getByRole("button", { name: "Actions of Revenue by country" }).click();
    await page.getByRole("menuitem", { name }).click();
  };
  const asked = page.waitForRequest((request) => /\/dashboards\/[^/]+\/data$/.test(request.url()));
  await act("Refresh");
  assert.equal((await asked).postDataJSON().items.length, 1);
  for (const [name, file] of [
    ["Download as CSV", "Revenue-by-country.csv"],
    ["Download as PNG", "Revenue-by-country.png"],
  ]) {
    const saved = page.waitForEvent("download");
    await act(name);
    assert.equal((await saved).suggestedFilename(), file);
  }
});

journey("a duplicate and a move are undone, and a phone gets its own layout", async (page) => {
  await signIn(page);
  await openFrom(page, "Dashboards", "Sales overview");
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await shows(page.getByRole("button", { name: "Move Revenue", exact: true }));
  const revenue = item(page, "Revenue");
  await shows(revenue.getByText(/\d/).first());
  await page.getByRole("button", { name: "Actions of Revenue", exact: true }).click();
  await page.getByRole("menuitem", { name: "Duplicate" }).click();
  await shows(revenue.nth(1));
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await hides(revenue.nth(1));
  await page.getByRole("button", { name: "Redo", exact: true }).click();
  await shows(revenue.nth(1));

  await page.getByText("Phone", { exact: true }).click();
  await shows(page.getByText("Uses the desktop layout."));
  await page.getByRole("button", { name: "Move Orders" }).press("ArrowDown");
  await shows(page.getByText("Custom layout."));
  await accessible(page, "the dashboard builder with the phone's layout");
  await page.getByRole("button", { name: "Save and view" }).click();
  await shows(page.getByRole("link", { name: "Edit", exact: true }));
  await shows(revenue.nth(1));
});

journey(
  "a widget is configured over the dashboard with a live preview, and discarded or saved",
  async (page) => {
    await signIn(page);
    await openFrom(page, "Dashboards", "Sales overview");
    await page.getByRole("link", { name: "Edit", exact: true }).click();
    await shows(page.getByRole("button", { name: "Move Orders", exact: true }));
    await shows(item(page, "Orders").getByText(/\d/).first());
    const configure = async () => {
      await page.getByRole("button", { name: "Actions of Orders", exact: true }).click();
      await page.getByRole("menuitem", { name: "Configure" }).click();
    };
    await configure();
    const panel = page.getByRole("dialog", { name: "Orders" });
    await panel.getByRole("textbox", { name: "Name", exact: true }).fill("Orders placed");
    await shows(panel.getByRole("figure", { name: "Preview" }).getByText(/\d/).first());
    await accessible(page, "the builder with a widget's settings");
    await panel.getByRole("button", { name: "Cancel" }).click();
    await page
      .getByRole("dialog", { name: "Discard changes?" })
      .getByRole("button", { name: "Discard" })
      .click();
    await hides(item(page, "Orders placed"));
    await configure();
    await panel.getByRole("textbox", { name: "Name", exact: true }).fill("Orders placed");
    await panel.getByRole("button", { name: "Apply" }).click();
    await hides(panel);
    await shows(item(page, "Orders placed").getByText(/\d/).first());
    await page.getByRole("button", { name: "Save and view" }).click();
    await shows(item(page, "Orders placed").getByText(/\d/).first());
  },
);
