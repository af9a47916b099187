// A messy file becomes an app: corrected in its preview, written to a table, and edited as rows.
import { button, choose, fitsSideways, hides, link, shows, signIn, title, visit } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const preview = (page) => page.getByRole("region", { name: "Preview" });
const MESSY =
  "Umsätze Mai\n\nKonto;Betrag;Datum\n0012;1.234,50;31.05.2026\n0047;12,00;01.05.2026\n0051;99,99;02.05.2026\n";
const field = (page, name) => page.getByRole("textbox", { name, exact: true });

/** The request that is refused on purpose: a table of the same name. */
const TAKEN = /^400 .*\/tables$/;

/** Corrects what is not detected. The encoding is guessed. */
async function correct(page) {
  await button(preview(page), /^Skip the first 2 lines/).click();
  await hides(preview(page).getByRole("alert").filter({ hasText: "fields" }));
  await button(preview(page), /^Read dates as day, month, year/).click();
  await button(preview(page), /^Read numbers such as/).click();
  await shows(preview(page).getByRole("cell", { name: "1234.5" }));
}

async function uploadMessy(page) {
  await visit(page, "Files");
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    button(page, "Upload files").first().click(),
  ]);
  await chooser.setFiles({
    name: "umsatz.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(MESSY, "latin1"),
  });
  await shows(title(page, /umsatz.csv$/));
}

journey(
  "a messy file becomes a table, and the table an app whose rows are edited",
  { expected: [TAKEN] },
  async (page) => {
    await signIn(page);
    await uploadMessy(page);
    await correct(page);
    const file = page.url().replace(/(\/files\/[^/]+).*/, "$1");
    await button(page, "Create table").click();

    await shows(title(page, /Create table$/));
    await shows(field(page, "Name of Betrag in the table"));
    await accessible(page, "the page that creates a table");
    await field(page, "Name of the datasource").fill("Turnover");
    await field(page, "Table").fill("turnover");
    await choose(page, "Primary key", "konto");
    await page.setViewportSize({ width: 390, height: 844 });
    await fitsSideways(page);
    await page.setViewportSize({ width: 1280, height: 800 });
    await button(page, "Create table").click();
    await shows(page.getByRole("heading", { name: "3 rows were written" }));
    await accessible(page, "a table that was created");

    await link(page, "Create app from the table").click();
    await shows(preview(page).getByRole("cell", { name: "0012" }).first());
    await button(page, "Create app").click();
    await shows(link(page, "Edit"));
    await page.getByRole("cell", { name: "0047", exact: true }).first().click();
    const form = page.getByRole("form", { name: "Edit row" });
    await form.getByRole("textbox", { name: "Betrag" }).fill("13.25");
    await form.getByRole("button", { name: "Save" }).click();
    await shows(page.getByRole("cell", { name: "13.25" }).first());

    // The same table again is refused beside its name. The file is read as it was then.
    await page.goto(`${file}/table`);
    await shows(field(page, "Name of Betrag in the table"));
    await choose(page, "Database", "An existing datasource");
    await choose(page, "Datasource", "Turnover");
    await field(page, "Table").fill("turnover");
    await button(page, "Create table").click();
    await shows(page.getByText(/There is already a table/).first());
  },
);
