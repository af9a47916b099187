import assert from "node:assert/strict";
import { button, hides, openFrom, shows, signIn } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const inspector = (page) => page.getByRole("complementary", { name: "Inspector" });
const add = async (page, kind) => {
  await button(page, "Add trigger").click();
  await page.getByRole("menuitem", { name: new RegExp(`^${kind}`) }).click();
};
const save = async (page) => {
  await button(page, "Save").click();
  await shows(page.getByText(/^Saved/));
};

journey("a webhook gets a URL that starts runs, until it is replaced", async (page) => {
  await signIn(page);
  await openFrom(page, "Workflows", "Sales summary");
  await add(page, "Webhook");
  await shows(inspector(page).getByText("Save the workflow to get the URL."));
  await page
    .getByRole("textbox", { name: "Response" })
    .or(page.getByRole("combobox", { name: "Response" }))
    .first()
    .click();
  await page.getByRole("option", { name: /^When the run ends/ }).click();
  await save(page);
  const address = inspector(page).getByText(/\/hooks\/[\w-]{43}$/);
  await shows(address);
  const first = await address.innerText();
  const call = async (url) => page.request.post(url, { data: { days: 30 } });
  const answer = await call(first);
  assert.equal(answer.status(), 200, await answer.text());
  assert.equal((await answer.json()).status, "COMPLETED");

  await button(page, "Replace URL").click();
  await page.getByRole("dialog").getByRole("button", { name: "Replace", exact: true }).click();
  await hides(page.getByText(first));
  await shows(address);
  const second = await address.innerText();
  assert.notEqual(second, first);
  assert.equal((await call(first)).status(), 404);
  assert.equal((await call(second)).status(), 200);
});

journey(
  "a schedule shows its next runs while it is edited, and a secret is never shown again",
  { expected: [/^400 .*\/cron-preview$/] },
  async (page) => {
    await signIn(page);
    await openFrom(page, "Workflows", "Refund an order");
    await add(page, "Schedule");
    const times = inspector(page).getByRole("list", { name: "Next runs" });
    await shows(times.getByRole("listitem").nth(4));
    await button(page, "Examples").click();
    await page.getByRole("menuitem", { name: /^Every Monday at 9:00/ }).click();
    await shows(
      inspector(page)
        .getByText(/Monday/i)
        .first(),
    );
    await page.getByRole("textbox", { name: "Cron" }).fill("99 * * * *");
    await shows(inspector(page).getByRole("alert"));
    await page.getByRole("textbox", { name: "Cron" }).fill("0 6 * * 1");
    await hides(inspector(page).getByRole("alert"));
    await page.getByRole("textbox", { name: "order" }).fill("1");
    await add(page, "Webhook");
    await button(page, "Signature").click();
    await page.getByRole("textbox", { name: "Header", exact: true }).fill("X-Signature");
    await page.getByLabel("Secret", { exact: true }).fill("a shared key");
    await save(page);
    await shows(inspector(page).getByText("Set. The value cannot be shown again."));
    await accessible(page, "the triggers of a workflow");
  },
);
