// A messy file: the detected settings are shown, corrected and saved.
import assert from "node:assert/strict";
import { button, choose, fitsSideways, hides, shows, signIn, title, visit, link } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const preview = (page) => page.getByRole("region", { name: "Preview" });
const MESSY =
  "Umsätze Mai\n\nKonto;Betrag;Datum\n0012;1.234,50;31.05.2026\n0047;12,00;01.05.2026\n0051;k. A.;02.05.2026\n";

async function upload(page, name, content) {
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    button(page, "Upload file").click(),
  ]);
  await chooser.setFiles({ name, mimeType: "text/csv", buffer: content });
}

journey("a messy file is corrected in its preview before it is saved", async (page) => {
  await signIn(page);
  await visit(page, "Datasources");
  await link(page, "New datasource").click();
  await page.getByRole("textbox", { name: "Search datasource types" }).fill("csv");
  await page.getByRole("textbox", { name: "Search datasource types" }).press("Enter");
  await page.getByRole("textbox", { name: "Name" }).fill("Turnover");
  // Windows-1252, with a title above the table
  await upload(page, "umsatz.csv", Buffer.from(MESSY, "latin1"));
  await shows(preview(page).getByRole("alert").filter({ hasText: "is not UTF-8" }));
  await accessible(page, "a file that cannot be read");
  await button(preview(page), /^Read the text as/).click();
  await shows(preview(page).getByRole("alert").filter({ hasText: "fields, but the first line" }));
  await button(preview(page), /^Skip the first 2 lines/).click();
  await hides(preview(page).getByRole("alert").filter({ hasText: "fields" }));
  await shows(preview(page).getByRole("columnheader", { name: /Konto/ }));
  // account numbers stay text; dates become dates with a click
  await shows(preview(page).getByRole("cell", { name: "0012" }));
  await button(preview(page), /^Read dates as day, month, year/).click();
  await shows(preview(page).getByRole("cell", { name: "2026-05-31" }));
  // a type that does not fit is reported, and can be undone
  await choose(page, "Type of Betrag", "Number");
  await shows(preview(page).getByRole("alert").filter({ hasText: "k. A." }));
  await choose(page, "Type of Betrag", "Text");
  await hides(preview(page).getByRole("alert").filter({ hasText: "k. A." }));
  await accessible(page, "the preview of a file");
  await page.setViewportSize({ width: 390, height: 844 });
  await fitsSideways(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await button(page, "Create").click();
  await shows(title(page, /Turnover$/));
  await shows(preview(page).getByRole("cell", { name: "2026-05-31" }));
});

const ORDERS = ["id,country,total", ...Array.from({ length: 250 }, (_, i) => `${i + 1},DE,${i}.5`)].join(
  "\n",
);

/** Drops text files on the page, as from the system's file manager. */
async function dropFiles(page, files) {
  const dataTransfer = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer();
    for (const [name, text] of Object.entries(given))
      transfer.items.add(new File([text], name, { type: "text/csv" }));
    return transfer;
  }, files);
  await page.dispatchEvent("main", "dragenter", { dataTransfer });
  await shows(page.getByRole("status", { name: "Drop files to upload them" }));
  await page.dispatchEvent("main", "drop", { dataTransfer });
}

journey(
  "a file that is dropped on any page becomes a table to query, and shows what uses it",
  async (page) => {
    await signIn(page);
    await dropFiles(page, { "orders.csv": ORDERS });
    await shows(title(page, /orders.csv$/));
    await shows(preview(page).getByText("CSV · 250 rows"));
    await shows(page.getByText("Nothing uses this file yet."));
    await accessible(page, "a file that nothing uses");
    const file = page.url();
    await button(page, "Query this file").click();
    const result = page.getByRole("region", { name: "Result" });
    await shows(result.getByRole("cell", { name: "0.5", exact: true }));

    // One click more puts the table on a dashboard, through the same datasource.
    await page.goto(file);
    await shows(page.getByText("Rows 1–100 of 250"));
    await button(page, "Next page").click();
    await shows(page.getByText("Rows 101–200 of 250"));
    await shows(
      page
        .getByRole("region", { name: "Rows of data" })
        .getByRole("cell", { name: "101", exact: true })
        .first(),
    );
    await button(page, "Show on a dashboard").click();
    await shows(page.getByRole("article", { name: "orders" }).getByRole("cell", { name: "DE" }).first());
    await page.goBack();
    const users = page.getByRole("region", { name: "Used by" });
    await shows(users.getByRole("link", { name: /orders Dashboard$/ }));
    assert.equal(await users.getByRole("link").count(), 4, "one datasource, query, widget and dashboard");
    await accessible(page, "a file in use");
    await page.setViewportSize({ width: 390, height: 844 });
    await fitsSideways(page);
  },
);

journey(
  "several files are uploaded in turn; a taken name asks, and one that is cancelled is not kept",
  { expected: [/^409 .*\/files$/] },
  async (page) => {
    await signIn(page);
    await dropFiles(page, { "prices.csv": "id\n1\n2\n" });
    await shows(title(page, /prices.csv$/));
    await visit(page, "Files");
    await dropFiles(page, {
      "prices.csv": "id\n1\n",
      "places.csv": "place\nBonn\n",
    });
    const uploads = page.getByRole("list", { name: "Uploads" });
    await shows(uploads.getByRole("alert").filter({ hasText: "already a file with this name" }));
    await accessible(page, "an upload whose name is taken");
    await button(page, "Replace its content").click();
    await shows(page.getByText("2 files uploaded."));
    await link(page, "prices.csv").click();
    await shows(page.getByText("CSV · 1 row"));
    await visit(page, "Files");
    await dropFiles(page, { "prices.csv": "id\n2\n" });
    await button(page, "Keep both").click();
    await shows(title(page, /prices \(2\).csv$/));

    // The next upload does not reach the server before it is cancelled.
    await page.route(/\/files\?/, (route) =>
      route.request().method() === "POST" ? undefined : route.continue(),
    );
    await dropFiles(page, { "late.csv": "id\n3\n" });
    await button(page, "Cancel").click();
    await shows(page.getByText("Not uploaded."));
    await visit(page, "Files");
    await shows(link(page, "places.csv"));
    assert.equal(await link(page, "late.csv").count(), 0);
  },
);
