// One server and one browser per test file, and a fresh profile for every journey.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { launch, newPage } from "./browser.mjs";
import { startServer } from "./server.mjs";

const FAILURES = resolve(import.meta.dirname, "../../../target/browser");
const LIMIT_MS = 180_000;

/**
 * Returns `journey(name, options?, body)`, whose body gets a page and the server; console errors fail it. `isFresh`
 * starts an empty server for every journey.
 */
export function suite({ isFresh = false, ...server }) {
  let running;
  let browser;
  before(async () => {
    if (!isFresh) running = await startServer(server);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await running?.stop();
  });
  const run = async (name, options, body, at) => {
    const { page, complaints } = await newPage(browser, { url: at.url, ...options });
    try {
      await body(page, at);
      assert.deepEqual(complaints, []);
    } catch (error) {
      await photograph(page, name);
      if (complaints.length) console.error(complaints.join("\n"));
      throw error;
    } finally {
      await page.context().close();
    }
  };
  return (name, ...rest) => {
    const body = rest.pop();
    const options = rest[0] ?? {};
    test(name, { timeout: LIMIT_MS }, async () => {
      if (!isFresh) return run(name, options, body, running);
      const own = await startServer(server);
      try {
        await run(name, options, body, own);
      } finally {
        await own.stop();
      }
    });
  };
}

/** Opens a page for someone else, in a separate browser profile. */
export async function stranger(page, options, body) {
  const { page: theirs, complaints } = await newPage(page.context().browser(), {
    url: new URL(page.url()).origin,
    ...options,
  });
  try {
    await body(theirs);
    assert.deepEqual(complaints, []);
  } catch (error) {
    await photograph(theirs, "stranger");
    throw error;
  } finally {
    await theirs.context().close();
  }
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
