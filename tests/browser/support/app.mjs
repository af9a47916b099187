// Actions in the app, by the app's own labels.
import assert from "node:assert/strict";

/** Waits until it is visible. */
export const shows = (locator) => locator.waitFor();
export const hides = (locator) => locator.waitFor({ state: "hidden" });

export const button = (page, name) => page.getByRole("button", { name, exact: typeof name === "string" });
export const link = (page, name) => page.getByRole("link", { name, exact: typeof name === "string" });
export const title = (page, name) =>
  page.getByRole("heading", {
    level: 1,
    name,
    exact: typeof name === "string",
  });

/** Signs in with a demo account; ends on the tenant's home page. */
export async function signIn(page, role = "Owner") {
  await page.goto("/");
  await page.getByRole("group", { name: "Demo accounts" }).getByRole("button", { name: role }).click();
  await shows(title(page, "Acme"));
}

/** Goes from the empty server to an empty tenant, the Teahouse. */
export async function firstTenant(page) {
  await page.getByRole("textbox", { name: "Your name" }).fill("Ada Byron");
  await page.getByRole("textbox", { name: "E-mail" }).fill("ada@example.com");
  await page.getByRole("textbox", { name: "Password" }).fill("correct horse");
  await button(page, "Create first account").click();
  await shows(title(page, "Create your first tenant"));
  await page.getByRole("textbox", { name: "Name" }).fill("Teahouse");
  await button(page, "Create tenant").click();
  await shows(title(page, "Teahouse"));
}

/** Goes to a page of the navigation. */
export async function visit(page, label, heading = label) {
  await page
    .getByRole("navigation", { name: "Pages" })
    .getByRole("link", { name: label, exact: true })
    .click();
  await shows(title(page, heading));
}

/** Opens a record from its list. */
export async function openFrom(page, list, name) {
  await visit(page, list);
  await page.getByRole("main").getByRole("link", { name, exact: true }).click();
  await shows(title(page, new RegExp(`^(Rename )?${name}$`)));
}

/** Replaces the whole text of a code editor. */
export async function write(page, label, text) {
  const editor = page.getByRole("textbox", { name: label, exact: true });
  // No click: a list of completions may cover it.
  await editor.focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(text);
}

/** Selects from a dropdown list. */
export async function choose(page, label, option) {
  await page
    .getByRole("combobox", { name: label })
    .or(page.getByRole("textbox", { name: label }))
    .first()
    .click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

/** Fails if the page is wider than the window. */
export async function fitsSideways(page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${page.url()} is ${content} px wide in a window of ${window} px`);
}
