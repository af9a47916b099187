// Creates the README's screenshots from the demo: node screenshots.mjs
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { button, hides, openFrom, shows, signIn } from "./support/app.mjs";
import { DESKTOP, launch, newPage } from "./support/browser.mjs";
import { startServer } from "./support/server.mjs";

const IMAGES = resolve(import.meta.dirname, "../../docs/images");

const scenes = {
  async dashboard(page) {
    await openFrom(page, "Dashboards", "Sales overview");
    await shows(page.getByText("Updated"));
    await shows(page.getByRole("img").locator("canvas").nth(2));
    await shows(page.getByRole("cell", { name: "pending" }).first());
  },
  async query(page) {
    await openFrom(page, "Queries", "Revenue by month");
    await button(page, "Columns of orders").click();
    await button(page, /^Run/).click();
    await shows(page.getByRole("status").filter({ hasText: "rows" }));
  },
  async workflow(page) {
    await openFrom(page, "Workflows", "Sales summary");
    await button(page, "Test").click();
    await page.getByRole("dialog").getByRole("button", { name: "Test" }).click();
    await shows(button(page, /^Test run Completed/));
    await page
      .getByRole("listitem")
      .getByRole("button", { name: /figures/ })
      .click();
    await shows(page.getByRole("tabpanel", { name: "Output" }).getByRole("row").nth(1));
  },
};

/** Waits until nothing is hovered, fonts are loaded, and the chart's canvas and the grid have been painted. */
const settled = async (page) => {
  await page.mouse.move(DESKTOP.width - 1, DESKTOP.height - 1);
  await hides(page.locator("[aria-busy=true], .mantine-Skeleton-root").first());
  await page.evaluate(() =>
    document.fonts.ready.then(() => new Promise((done) => requestIdleCallback(done))),
  );
};

const server = await startServer({ demo: true });
const browser = await launch();
try {
  mkdirSync(IMAGES, { recursive: true });
  for (const scheme of ["light", "dark"]) {
    for (const [name, scene] of Object.entries(scenes)) {
      const { page, complaints } = await newPage(browser, {
        url: server.url,
        scheme,
      });
      await signIn(page);
      await scene(page);
      await settled(page);
      await page.screenshot({ path: resolve(IMAGES, `${name}-${scheme}.png`) });
      if (complaints.length) throw new Error(complaints.join("\n"));
      await page.context().close();
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
