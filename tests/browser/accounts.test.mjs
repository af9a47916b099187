// Invitations, changing one's own sign-in, and leaving a tenant.
import assert from "node:assert/strict";
import { button, hides, link, shows, signIn, title } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { stranger, suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const EMAIL = "rosa@acme.example";
const PASSWORD = "correct horse";

async function members(page) {
  await page.goto(`${page.url().match(/^.*\/t\/[^/]+/)[0]}/settings/members`);
  await shows(title(page, "Members"));
}

/** Invites a user as Editor; returns the link. */
async function invite(page) {
  await button(page, "Invite").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Email" }).fill(EMAIL);
  await dialog
    .getByRole("combobox", { name: "Role" })
    .or(dialog.getByRole("textbox", { name: "Role" }))
    .first()
    .click();
  await page.getByRole("option", { name: /^Editor\b/ }).click();
  await dialog.getByRole("button", { name: "Create invitation link" }).click();
  const url = (await dialog.getByText(/\/invite\//).innerText()).trim();
  await dialog.getByRole("button", { name: "Done" }).click();
  return url;
}

journey(
  "an invitation creates an account for its own address, which can be changed and removed",
  async (page) => {
    await signIn(page);
    await members(page);
    const url = await invite(page);
    // A new password ends every session and its streams: the next request of the tab needs the new token.
    const expected = [/^400 .*accounts:sendOobCode/, /^401 .*\/instances\/events$/];
    await stranger(page, { expected }, async (theirs) => {
      await theirs.goto(url);
      await link(theirs, "Create an account").click();
      const email = theirs.getByRole("textbox", { name: "Email" });
      await shows(email);
      assert.equal(await email.inputValue(), EMAIL);
      assert.equal(await email.isEditable(), false);
      await theirs.getByRole("textbox", { name: "Your name" }).fill("Rosa");
      await theirs.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
      await button(theirs, "Create account").click();
      await shows(title(theirs, "Acme"));

      await theirs.goto(`${theirs.url().match(/^.*\/t\/[^/]+/)[0]}/profile`);
      await shows(title(theirs, "Profile"));
      const current = theirs.getByRole("textbox", { name: "Current password" });
      await theirs.getByRole("textbox", { name: "New email address" }).fill("rosa@example.org");
      await current.first().fill("wrong horse");
      await button(theirs, "Change email address").click();
      await shows(theirs.getByText("The current password is incorrect"));
      await current.first().fill(PASSWORD);
      await button(theirs, "Change email address").click();
      await shows(theirs.getByText("Confirm your new email address"));
      await accessible(theirs, "the profile");
      await current.last().fill(PASSWORD);
      await theirs.getByRole("textbox", { name: "New password" }).fill("another horse");
      await button(theirs, "Change password").click();
      await shows(theirs.getByText("Password changed. You were signed out on all other devices."));
    });

    await members(page);
    const row = page.getByRole("row", { name: /Rosa/ });
    await row.getByRole("button", { name: "Actions" }).click();
    await page.getByRole("menuitem", { name: "Remove" }).click();
    const dialog = page.getByRole("dialog", { name: "Remove member?" });
    await shows(dialog.getByText(/loses access to this tenant/));
    await accessible(page, "removing a member");
    await dialog.getByRole("button", { name: "Remove" }).click();
    await hides(dialog);
    await hides(row);
  },
);
