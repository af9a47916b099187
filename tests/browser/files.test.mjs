// A messy file: the detected settings are shown, corrected and saved.
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
