// Values that workflows share, some of them secret.
import assert from "node:assert/strict";
import { button, hides, shows, signIn, visit } from "./support/app.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });

const row = (page, name) =>
  page
    .getByRole("main")
    .getByRole("row")
    .filter({ hasText: `vars.${name}` });

async function make(page, name, value, secret = false) {
  await button(page, "New variable").first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill(name);
  if (secret) await dialog.getByRole("switch", { name: "Secret" }).check();
  await dialog.getByLabel("Value").fill(value);
  await dialog.getByRole("button", { name: "Create" }).click();
  await hides(dialog);
}

async function act(page, name, action) {
  await row(page, name).getByRole("button").last().click();
  await page.getByRole("menuitem", { name: action }).click();
}

journey("a variable is created, edited and deleted, and a secret is never shown", async (page) => {
  await signIn(page);
  await visit(page, "Variables");
  await make(page, "limits", '{"max": 40}');
  await shows(row(page, "limits").getByText('"max": 40'));
  await make(page, "token", "never-to-be-seen", true);
  await shows(row(page, "token").getByText("secret"));

  await act(page, "limits", "Edit");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Value").fill("plain words");
  await dialog.getByRole("button", { name: "Save" }).click();
  await hides(dialog);
  await shows(row(page, "limits").getByText("plain words"));

  await act(page, "token", "Edit");
  await shows(dialog);
  assert.equal(await dialog.getByLabel("Value").inputValue(), "");
  await dialog.getByRole("textbox", { name: "Description" }).fill("Theirs");
  await dialog.getByRole("button", { name: "Save" }).click();
  await hides(dialog);
  await shows(row(page, "token").getByText("Theirs"));
  await page.reload();
  await shows(row(page, "token"));
  assert.equal((await page.content()).includes("never-to-be-seen"), false);

  await act(page, "limits", "Delete");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /Delete/ })
    .click();
  await hides(row(page, "limits"));
});

journey("a name that expressions cannot use is rejected before it is sent", async (page) => {
  await signIn(page);
  await visit(page, "Variables");
  await button(page, "New variable").first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("not a name");
  await dialog.getByRole("button", { name: "Create" }).click();
  await shows(dialog.getByText("Use only letters, digits and _, and do not start with a digit"));
});
