// Sharing a dashboard: the dialog, the public page, and that page embedded in another one.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { button, choose, fitsSideways, hides, openFrom, shows, signIn, title } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { PHONE } from "./support/browser.mjs";
import { stranger, suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const GONE = "This link is no longer valid";
const SALES = "Sales overview";

/** Creates a share link for the dashboard on the page and returns its URL; leaves the dialog open. */
async function share(page, origins = []) {
  await button(page, "Share").click();
  const dialog = page.getByRole("dialog", { name: /^Share / });
  for (const origin of origins) {
    await dialog
      .getByRole("combobox", { name: "Allowed origins" })
      .or(dialog.getByRole("textbox", { name: "Allowed origins" }))
      .first()
      .fill(origin);
    await page.keyboard.press("Enter");
  }
  await dialog.getByRole("button", { name: "Create link" }).click();
  return dialog.getByRole("textbox", { name: "Link", exact: true }).inputValue();
}

const drawn = async (page) => {
  await shows(page.getByRole("article", { name: "Revenue", exact: true }).getByText(/\d/).first());
  await shows(page.getByRole("article", { name: "Revenue by month" }).locator("canvas"));
  await shows(page.getByRole("article", { name: "Latest orders" }).getByRole("row").nth(3));
  assert.equal(await page.getByRole("alert").count(), 0, "an item failed");
};

journey("a share link is created, used without an account, listed and revoked", async (page) => {
  await signIn(page);
  await openFrom(page, "Dashboards", SALES);
  const url = await share(page);
  const dialog = page.getByRole("dialog", { name: `Share ${SALES}` });
  await shows(dialog.getByRole("region", { name: "Share links" }).getByText(/never used/));
  await accessible(page, "the share dialog with a new link");
  await dialog.getByRole("button", { name: "Done" }).click();
  await hides(dialog.getByText("Copy the link now"));
  await accessible(page, "the share dialog");

  await stranger(page, {}, async (theirs) => {
    await theirs.goto(url);
    await shows(title(theirs, SALES));
    await drawn(theirs);
    assert.equal(await theirs.getByRole("navigation").count(), 0, "nothing of the app is around it");
    await accessible(theirs, "a shared dashboard");
    const before = await theirs.getByRole("article", { name: "Revenue", exact: true }).innerText();
    await choose(theirs, "Number of days", "365");
    await shows(
      theirs
        .getByRole("article", { name: "Revenue", exact: true })
        .filter({ hasNotText: before.split("\n")[1] }),
    );
    assert.equal(new URL(theirs.url()).searchParams.get("days"), "365");
    await theirs.goBack();
    await shows(
      theirs
        .getByRole("article", { name: "Revenue", exact: true })
        .filter({ hasText: before.split("\n")[1] }),
    );
  });

  await dialog.getByRole("button", { name: /^Revoke link/ }).click();
  await page.getByRole("dialog", { name: "Revoke link?" }).getByRole("button", { name: "Revoke" }).click();
  await hides(dialog.getByRole("region", { name: "Share links" }));
  await stranger(page, { expected: [/^404 \/api\/v1\/shared\//] }, async (theirs) => {
    await theirs.goto(url);
    await shows(title(theirs, GONE));
    await accessible(theirs, "a link that leads nowhere");
  });
});

journey("a link locks a variable, and its page fits a phone in the dark scheme", async (page) => {
  await signIn(page);
  await openFrom(page, "Dashboards", SALES);
  await button(page, "Share").click();
  await choose(page, "Locked filters", "Number of days: 90");
  await page.keyboard.press("Tab");
  const dialog = page.getByRole("dialog", { name: /^Share / });
  await dialog.getByRole("button", { name: "Create link" }).click();
  const url = await dialog.getByRole("textbox", { name: "Link", exact: true }).inputValue();
  await shows(dialog.getByRole("region", { name: "Share links" }).getByText(/Number of days: 90/));
  await stranger(page, { scheme: "dark", viewport: PHONE }, async (theirs) => {
    await theirs.goto(url);
    await drawn(theirs);
    assert.equal(await theirs.getByRole("region", { name: "Filters" }).count(), 0, "nothing can be chosen");
    await fitsSideways(theirs);
    await accessible(theirs, "a shared dashboard on a phone");
  });
});

journey("a shared gallery leaves out actions, and the rest works", async (page) => {
  await signIn(page);
  await openFrom(page, "Dashboards", "Widget gallery");
  const url = await share(page);
  await stranger(page, {}, async (theirs) => {
    await theirs.goto(url);
    await shows(theirs.getByRole("article").first());
    await shows(theirs.getByText(/^Updated/));
    assert.equal(await theirs.getByRole("alert").count(), 0, "an item failed");
    assert.equal(
      await theirs.getByRole("button", { name: /^(Run|Start|Refund|Send)/ }).count(),
      0,
      "nothing to press",
    );
  });
});

journey("only allowed origins can embed a shared dashboard", async (page) => {
  const site = createServer((request, response) => {
    const source = new URL(request.url, "http://site").searchParams.get("show");
    response.setHeader("content-type", "text/html");
    response.end(
      `<!doctype html><html lang="en"><title>A site</title><iframe title="Board" src="${source}" width="900" height="700"></iframe>`,
    );
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  try {
    await signIn(page);
    await openFrom(page, "Dashboards", SALES);
    // another host name is another site
    const origin = `http://localhost:${site.address().port}`;
    const open = await share(page, [origin]);
    const dialog = page.getByRole("dialog", { name: `Share ${SALES}` });
    assert.match(
      await dialog.getByRole("textbox", { name: "Embed code" }).inputValue(),
      new RegExp(`^<iframe src="${open}" title="${SALES}"`),
    );
    const context = await page.context().browser().newContext();
    const embedding = await context.newPage();
    await embedding.goto(`${origin}/?show=${encodeURIComponent(open)}`);
    await drawn(embedding.frameLocator("iframe"));
    const refused = embedding.waitForEvent("console", {
      predicate: (message) => /frame-ancestors/.test(message.text()),
    });
    await embedding.goto(`${origin}/?show=${encodeURIComponent(new URL("/sign-in", open).href)}`);
    await refused;
    await context.close();
  } finally {
    site.close();
  }
});
