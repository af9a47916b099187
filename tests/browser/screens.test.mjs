// Every main screen is accessible in both schemes, and no wider than a phone.
import { resolve } from "node:path";
import { button, choose, fitsSideways, shows, signIn, title } from "./support/app.mjs";
import { owner } from "./support/api.mjs";
import { accessible, standsStill } from "./support/axe.mjs";
import { PHONE, TABLET } from "./support/browser.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });

const home = (page) => page.url().match(/.*\/t\/[^/]+/)[0];
const rows = (page) => shows(page.getByRole("main").getByRole("row").nth(1));
const list = (path, name) => async (page, base) => {
  await page.goto(base + path);
  await shows(title(page, name));
  await rows(page);
};
/** Follows the first link of that name in a list. */
const opened = (path, name) => async (page, base) => {
  await page.goto(base + path);
  await page.getByRole("main").getByRole("link", { name, exact: true }).first().click();
  await shows(title(page, new RegExp(`${name}$`)));
};
const at = (path, name) => async (page, base) => {
  await page.goto(base + path);
  await shows(title(page, name));
};

/** Opens the share dialog: its button is in the menu of a phone. */
async function openShare(page) {
  const share = button(page, "Share");
  await shows(button(page, "More actions"));
  if (await share.isVisible()) return share.click();
  await button(page, "More actions").click();
  return page.getByRole("menuitem", { name: "Share", exact: true }).click();
}

const screens = {
  home: async (page, base) => {
    await page.goto(base);
    await shows(page.getByRole("region", { name: "Recently updated" }).getByRole("link").first());
  },
  datasources: list("/datasources", "Datasources"),
  "new datasource": async (page, base) => {
    await page.goto(`${base}/datasources/new`);
    await shows(page.getByRole("link", { name: /SQLite/ }));
  },
  "new SQLite datasource": async (page, base) => {
    await page.goto(`${base}/datasources/new/sqlite`);
    await shows(page.getByRole("textbox", { name: "File" }));
  },
  "new REST datasource": async (page, base) => {
    await page.goto(`${base}/datasources/new/restapi`);
    await button(page, "Authentication").click();
    await button(page, "Advanced").click();
    await shows(page.getByRole("textbox", { name: "CA certificate" }));
  },
  "new file datasource": async (page, base) => {
    await page.goto(`${base}/datasources/new/file`);
    await shows(button(page, "Upload file"));
  },
  files: list("/files", "Files"),
  "file upload": async (page, base) => {
    await at("/files/new", "Upload files")(page, base);
    await shows(button(page, "Select files"));
  },
  file: async (page, base) => {
    await opened("/files", "Sales targets")(page, base);
    await shows(
      page
        .getByRole("region", { name: /^Rows of/ })
        .getByRole("cell")
        .first(),
    );
  },
  templates: at("/templates", "Templates"),
  variables: at("/variables", "Variables"),
  "new variable": async (page, base) => {
    await at("/variables", "Variables")(page, base);
    await button(page, "New variable").first().click();
    await shows(page.getByRole("dialog").getByRole("textbox", { name: "Name" }));
  },
  datasource: async (page, base) => {
    await opened("/datasources", "Shop")(page, base);
    await shows(page.getByText("order_items"));
  },
  queries: list("/data-queries", "Queries"),
  query: async (page, base) => {
    await opened("/data-queries", "Revenue by month")(page, base);
    await shows(page.getByRole("textbox", { name: "SQL" }));
    await button(page, /^Run/).click();
    await shows(page.getByRole("region", { name: "Result" }).getByRole("row").nth(1));
  },
  "query of a REST service": async (page, base) => {
    await opened("/data-queries", "Euro rate")(page, base);
    await shows(page.getByRole("textbox", { name: "Path", exact: true }));
  },
  "query that is a script": async (page, base) => {
    await opened("/data-queries", "Volume discounts")(page, base);
    await shows(page.getByRole("textbox", { name: "Code" }));
  },
  widgets: list("/widgets", "Widgets"),
  "new widget": async (page, base) => {
    await page.goto(`${base}/widgets/new`);
    await shows(page.getByRole("link", { name: /^Table/ }));
  },
  "chart widget": async (page, base) => {
    await opened("/widgets", "Revenue by country")(page, base);
    await shows(page.getByRole("main").getByRole("img").locator("canvas"));
  },
  "table widget": async (page, base) => {
    await opened("/widgets", "Latest orders")(page, base);
    await shows(page.getByRole("cell", { name: "pending" }).first());
  },
  dashboards: list("/dashboards", "Dashboards"),
  dashboard: async (page, base) => {
    await opened("/dashboards", "Sales overview")(page, base);
    await shows(page.getByText("Updated"));
  },
  "dashboard editor": async (page, base) => {
    await opened("/dashboards", "Operations")(page, base);
    await page.goto(page.url().replace(/(\/dashboards\/[^/]+).*/, "$1/edit"));
    await shows(button(page, "Move Open orders"));
  },
  workflows: list("/workflows", "Workflows"),
  workflow: async (page, base) => {
    await opened("/workflows", "Sales summary")(page, base);
    await shows(page.getByText("good_news"));
  },
  runs: list("/runs", "Runs"),
  run: async (page, base) => {
    await page.goto(`${base}/runs`);
    await page
      .getByRole("main")
      .getByRole("row")
      .filter({ hasText: "Sales summary" })
      .getByRole("link")
      .first()
      .click();
    await shows(page.getByText("Run output"));
  },
  approvals: async (page, base) => {
    await at("/approvals", "Approvals")(page, base);
    await page.getByRole("list", { name: "Pending approvals" }).getByRole("button").first().click();
    await shows(button(page, "Approve"));
  },
  "comparison of versions": async (page, base, server) => {
    const api = await owner(server);
    const { items } = await api("GET", "workflows?q=Sales%20summary");
    const { id, settings, version } = items[0];
    if (version === 1)
      await api("PATCH", `workflows/${id}`, {
        description: "Compared",
        settings: { ...settings, maxConcurrentRuns: 5 },
      });
    await page.goto(`${base}/workflows/${id}/versions/1`);
    await page.getByRole("switch", { name: "Show changes since this version" }).click({ force: true });
    await shows(page.getByRole("complementary", { name: "Changes" }).getByText("Concurrency limit"));
  },
  "app from a table": async (page, base) => {
    await at("/dashboards/from-table", "App from a table")(page, base);
    await choose(page, "Datasource", "Shop (writable)");
    await choose(page, "Table", "orders");
    await shows(page.getByRole("region", { name: "Preview" }).getByRole("cell").first());
  },
  app: async (page, base) => {
    await opened("/dashboards", "Manage orders")(page, base);
    await shows(page.getByRole("article", { name: "Orders" }).getByRole("cell").first());
  },
  "form of an app": async (page, base) => {
    await opened("/dashboards", "Manage orders")(page, base);
    await page.getByRole("article", { name: "Orders" }).getByRole("cell").first().click();
    await shows(button(page.getByRole("dialog", { name: "Edit row" }), "Save"));
  },
  "editable table": async (page, base) => {
    await opened("/widgets", "Price list")(page, base);
    await shows(page.getByRole("gridcell").first());
  },
  "drawer that adds to a dashboard": async (page, base) => {
    await opened("/dashboards", "Operations")(page, base);
    await page.goto(page.url().replace(/(\/dashboards\/[^/]+).*/, "$1/edit"));
    await button(page, "Add").first().click();
    await shows(page.getByRole("dialog").getByRole("button", { name: /^Write a query/ }));
  },
  "share dialog": async (page, base) => {
    await opened("/dashboards", "Sales overview")(page, base);
    await openShare(page);
    await shows(button(page.getByRole("dialog"), "Create link"));
  },
  history: async (page, base) => {
    await opened("/dashboards", "Operations")(page, base);
    await button(page, "More actions").click();
    await page.getByRole("menuitem", { name: "History", exact: true }).click();
    await shows(page.getByRole("dialog").getByRole("button", { name: /^v1\b/ }));
  },
  trash: async (page, base, server) => {
    const api = await owner(server);
    const { id } = await api("POST", "widgets", {
      name: "Old note",
      type: "text",
      config: { markdown: "x" },
    });
    await api("DELETE", `widgets/${id}`);
    await at("/settings/trash", "Trash")(page, base);
    await shows(button(page, "Restore Old note").first());
  },
  server: at("/settings/server", "Server"),
  "audit log": list("/audit-logs", "Audit log"),
  settings: at("/settings", "Settings"),
  members: async (page, base) => {
    await page.goto(`${base}/settings/members`);
    await shows(page.getByText("Vera Viewer"));
  },
  roles: async (page, base) => {
    await page.goto(`${base}/settings/roles`);
    await shows(page.getByRole("link", { name: "Editor" }));
  },
  "API keys": async (page, base) => {
    await page.goto(`${base}/settings/api-keys`);
    await shows(button(page, "New API key").first());
  },
  profile: async (page, base) => {
    await page.goto(`${base}/profile`);
    await shows(title(page, "Profile"));
  },
  "new tenant": async (page) => {
    await page.goto("/new-tenant");
    await shows(title(page, "New tenant"));
  },
  "no such page": async (page, base) => {
    await page.goto(`${base}/nothing-here`);
    await shows(title(page, /.+/));
  },
};

const SCHEMES = ["light", "dark"];
const inScheme = async (page, scheme) => {
  await page.emulateMedia({ colorScheme: scheme });
  await shows(page.locator(`html[data-mantine-color-scheme=${scheme}]`));
};
/** `make pictures` uses them for its screenshots. */
const picture = async (page, name, size) => {
  if (!process.env.PICTURES) return;
  await standsStill(page);
  await page.screenshot({
    path: resolve(process.env.PICTURES, `${name.replace(/\W+/g, "-")}-${size}.png`),
  });
};

for (const scheme of SCHEMES) {
  journey(`the sign-in page is accessible, ${scheme}`, { scheme }, async (page) => {
    await page.goto("/");
    await shows(title(page, "Sign in"));
    await accessible(page, `sign in, ${scheme}`);
  });
}

for (const [name, show] of Object.entries(screens)) {
  journey(`${name}: accessible in either scheme, and fits a tablet and a phone`, async (page, server) => {
    await signIn(page);
    const base = home(page);
    await show(page, base, server);
    for (const scheme of SCHEMES) {
      await inScheme(page, scheme);
      await accessible(page, `${name}, ${scheme}`);
      await picture(page, name, `desktop-${scheme}`);
    }
    for (const [size, viewport] of Object.entries({
      tablet: TABLET,
      phone: PHONE,
    })) {
      await page.setViewportSize(viewport);
      await show(page, base, server);
      await fitsSideways(page);
      await accessible(page, `${name}, ${size}`);
      for (const scheme of process.env.PICTURES ? SCHEMES : []) {
        await inScheme(page, scheme);
        await picture(page, name, `${size}-${scheme}`);
      }
    }
  });
}
