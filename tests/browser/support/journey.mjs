// One server and one browser per test file, and a fresh profile for every journey.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { launch, newPage } from "./browser.mjs";
import { startServer } from "./server.mjs";

const FAILURES = resolve(import.meta.dirname, "../../../target/browser");
const LIMIT_MS = 180_000;

/** Returns `journey(name, options?, body)`, whose body gets a page; console errors fail it. */
export function suite(server) {
  let running;
  let browser;
  before(async () => {
    running = await startServer(server);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await running?.stop();
  });
  return (name, ...rest) => {
    const body = rest.pop();
    const options = rest[0] ?? {};
    test(name, { timeout: LIMIT_MS }, async () => {
      const { page, complaints } = await newPage(browser, {
        url: running.url,
        ...options,
      });
      try {
        await body(page, running);
        assert.deepEqual(complaints, []);
      } catch (error) {
        await photograph(page, name);
        if (complaints.length) console.error(complaints.join("\n"));
        throw error;
      } finally {
        await page.context().close();
      }
    });
  };
}

/** Saves a screenshot of the page after a failure. */
async function photograph(page, name) {
  mkdirSync(FAILURES, { recursive: true });
  const path = resolve(FAILURES, `${name.replace(/\W+/g, "-")}.png`);
  await page.screenshot({ path }).then(
    () => console.error(`see ${path}`),
    (error) => console.error(`no picture: ${error.message}`),
  );
}
