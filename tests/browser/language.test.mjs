// The UI's language: selected in the user menu, stored in the browser, or else the browser's own.
import assert from "node:assert/strict";
import { owner } from "./support/api.mjs";
import { button, fitsSideways, link, shows, signIn, title } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { PHONE, TABLET } from "./support/browser.mjs";
import { edges, node } from "./support/graphs.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });

const GERMAN = { locale: "de-DE" };

/** Signs in as the owner with the German UI. */
async function anmelden(page) {
  await page.goto("/");
  await page
    .getByRole("group", { name: "Demokonten" })
    .getByRole("button", { name: /^Eigentümer/ })
    .click();
  await shows(title(page, "Acme"));
  return page.url().match(/.*\/t\/[^/]+/)[0];
}

const opened = (path, name) => async (page, base) => {
  await page.goto(base + path);
  await page.getByRole("main").getByRole("link", { name, exact: true }).first().click();
  await shows(title(page, new RegExp(`^(${name}|${name} umbenennen)$`)));
};

const screens = {
  home: async (page, base) => {
    await page.goto(base);
    await shows(page.getByRole("region", { name: "Zuletzt geändert" }).getByRole("link").first());
  },
  queries: async (page, base) => {
    await page.goto(`${base}/data-queries`);
    await shows(title(page, "Abfragen"));
    await shows(page.getByRole("textbox", { name: "Abfragen durchsuchen" }));
    await shows(page.getByText(/^\d+ Abfragen$/));
  },
  "query editor": async (page, base) => {
    await opened("/data-queries", "Revenue by month")(page, base);
    await button(page, /^Ausführen/).click();
    await shows(page.getByRole("status").filter({ hasText: "Zeilen" }));
  },
  "workflow editor": async (page, base) => {
    await opened("/workflows", "Sales summary")(page, base);
    await shows(button(page, "Testen"));
    // narrow screens have no room for the palette
    if (page.viewportSize().width < 1024) return;
    await button(page, "Verfügbare Schritte einblenden").click();
    await shows(page.getByRole("region", { name: "Ablauf" }).getByText("Bedingung"));
  },
  dashboard: async (page, base) => {
    await opened("/dashboards", "Sales overview")(page, base);
    await shows(page.getByText(/^Aktualisiert/));
    await shows(page.getByRole("cell").first());
  },
  "new datasource": async (page, base) => {
    await page.goto(`${base}/datasources/new/postgresql`);
    await shows(page.getByRole("textbox", { name: "Verbindungszeichenfolge" }));
  },
  "manage orders": async (page, base) => {
    await opened("/dashboards", "Manage orders")(page, base);
    await page.getByRole("article").getByRole("cell").first().click();
    await shows(button(page.getByRole("dialog"), "Schließen"));
  },
  "app from a table": async (page, base) => {
    await page.goto(`${base}/dashboards/from-table`);
    await shows(title(page, "App aus einer Tabelle"));
  },
  "editable table": async (page, base) => {
    await opened("/widgets", "Price list")(page, base);
    await shows(page.getByRole("gridcell").first());
  },
  runs: async (page, base) => {
    await page.goto(`${base}/runs`);
    await shows(page.getByRole("main").getByRole("row").nth(1));
  },
  approvals: async (page, base) => {
    await page.goto(`${base}/approvals`);
    await shows(title(page, "Genehmigungen"));
  },
  "audit log": async (page, base) => {
    await page.goto(`${base}/audit-logs`);
    await shows(page.getByRole("main").getByRole("row").nth(1));
  },
  trash: async (page, base) => {
    await page.goto(`${base}/settings/trash`);
    await shows(title(page, "Papierkorb"));
  },
  server: async (page, base) => {
    await page.goto(`${base}/settings/server`);
    await shows(title(page, "Server"));
  },
  role: async (page, base) => {
    await opened("/settings/roles", "Bearbeiter")(page, base);
    await shows(page.getByRole("row", { name: /^Abfragen/ }));
  },
};

journey("German is selected in the user menu, survives a reload, and is switched back", async (page) => {
  await signIn(page);
  await button(page, /^Account menu of/).click();
  await page.getByRole("menuitem", { name: "Deutsch" }).click();
  await shows(link(page, "Datenquellen"));
  await shows(page.locator("html[lang=de]"));
  await page.reload();
  await shows(link(page, "Datenquellen"));
  await button(page, "Kontomenü von Olivia Owner").click();
  await page.getByRole("menuitem", { name: "English" }).click();
  await shows(link(page, "Datasources"));
  await shows(page.locator("html[lang=en]"));
});

journey("without a selection the UI uses the browser's language", GERMAN, async (page) => {
  await anmelden(page);
  await shows(page.locator("html[lang=de]"));
  assert.equal(await page.evaluate(() => localStorage.getItem("jet-admin.language")), null);
});

journey("a selected language overrides the browser's", GERMAN, async (page) => {
  await anmelden(page);
  await button(page, /^Kontomenü von/).click();
  await page.getByRole("menuitem", { name: "English" }).click();
  await shows(link(page, "Datasources"));
});

journey("dates and numbers are formatted in German", GERMAN, async (page) => {
  const base = await anmelden(page);
  await screens.dashboard(page, base);
  await shows(page.getByText(/^\d{1,3}(\.\d{3})+,\d{2}\s€$/).first());
  await page.goto(`${base}/runs`);
  const time = page.getByRole("main").locator("time").first();
  await shows(time);
  assert.match(await time.innerText(), /^(gerade eben|vor \d+ (s|min|h|Tag|Tagen)|\d{2}\.\d{2}\.\d{4})$/);
  assert.match(await time.getAttribute("title"), /\d{1,2}\. \p{L}+\.? \d{4}, \d{2}:\d{2}:\d{2}/u);
});

for (const scheme of ["light", "dark"]) {
  journey(`screens in German are accessible, ${scheme}`, { ...GERMAN, scheme }, async (page) => {
    const base = await anmelden(page);
    for (const [name, open] of Object.entries(screens)) {
      await open(page, base);
      await accessible(page, `${name} in German, ${scheme}`);
    }
  });
}

for (const [size, viewport] of Object.entries({ tablet: TABLET, phone: PHONE }))
  journey(`screens in German fit a ${size}`, { ...GERMAN, viewport }, async (page) => {
    const base = await anmelden(page);
    for (const [name, open] of Object.entries(screens)) {
      if (name === "workflow editor" && size === "phone") continue;
      await open(page, base);
      await fitsSideways(page);
    }
  });

journey(
  "errors, the audit log and test runs are in German, too",
  { ...GERMAN, expected: [/^401 .*\/api\/v1\/session$/] },
  async (page, server) => {
    const api = await owner(server);
    const { items } = await api("GET", "data-queries?limit=1");
    await api("PATCH", `data-queries/${items[0].id}`, { description: "Neu" });
    await api("POST", "workflows/test?wait=30", {
      nodes: [node("start", "start"), node("end", "end")],
      edges: edges("start>end"),
      input: {},
    });
    await page.goto("/sign-in");
    await page.getByRole("textbox", { name: "E-Mail" }).fill("ada@example.com");
    await page.getByRole("textbox", { name: "Passwort" }).fill("wrong horse");
    await button(page, "Anmelden").click();
    await shows(page.getByText("E-Mail-Adresse oder Passwort ist falsch."));
    const base = await anmelden(page);
    await page.goto(`${base}/audit-logs`);
    const entry = page.getByRole("row").filter({ hasText: items[0].name }).first();
    await shows(entry.getByText("Geändert"));
    await shows(entry.getByText("Abfrage"));
    await page.goto(`${base}/runs`);
    await shows(page.getByRole("row").getByText("Testlauf", { exact: true }).first());
  },
);
