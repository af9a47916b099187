// Accessibility: axe's rules for WCAG 2.2 AA and its best practices.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { shows } from "./app.mjs";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Resolves when the page has rendered and no transition is in progress, whose colors would be reported. */
async function still() {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const ending = document
    .getAnimations()
    .filter((animation) => Number.isFinite(animation.effect.getComputedTiming().endTime));
  await Promise.allSettled(ending.map(({ finished }) => finished));
}

/** Waits until the page has settled. */
export const standsStill = (page) => page.evaluate(still);

/** Fails with the violations that axe finds on the current page, without the tooltip of what the mouse is on. */
export async function accessible(page, where) {
  // A tooltip may be about to open. That of a control that has the focus stays.
  await page.mouse.move(0, 0);
  await standsStill(page);
  // Evaluated by the browser itself: the page's policy forbids other scripts.
  await page.evaluate(source);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { resultTypes: ["violations"] }),
  );
  const found = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `  ${html.slice(0, 200)}\n    ${failureSummary.replaceAll("\n", "\n    ")}`).join("\n")}`,
  );
  assert.equal(found.join("\n\n"), "", `axe finds nothing on ${where}`);
}

/** Checks the current page in both color schemes. */
export async function accessibleEverywhere(page, where) {
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme });
    await shows(page.locator(`html[data-mantine-color-scheme=${scheme}]`));
    await accessible(page, `${where}, ${scheme}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await shows(page.locator("html[data-mantine-color-scheme=light]"));
}
