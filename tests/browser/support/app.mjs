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

/** The first account, which `firstTenant` creates. */
export const FIRST = { email: "ada@example.com", password: "correct horse" };

/** Signs in with a demo account; ends on the tenant's home page. */
export async function signIn(page, role = "Owner") {
  await page.goto("/");
  await page.getByRole("group", { name: "Demo accounts" }).getByRole("button", { name: role }).click();
  await shows(title(page, "Acme"));
}

/** A message in the corner, or a problem on the page. */
export const notice = (page, text) => page.getByRole("alert").filter({ hasText: text });

/** Uses what is in the page directly; see hands.mjs for how a person does. */
const direct = { press: (target) => target.click(), write: (field, text) => field.fill(text) };

/** Goes from the empty server to an empty tenant, the Teahouse. */
export async function firstTenant(page, { write: enter, press } = direct) {
  await enter(page.getByRole("textbox", { name: "Your name" }), "Ada Byron");
  await enter(page.getByRole("textbox", { name: "Email" }), FIRST.email);
  await enter(page.getByRole("textbox", { name: "Password" }), FIRST.password);
  await press(button(page, "Create first account"));
  await shows(title(page, "Create your first tenant"));
  await enter(page.getByRole("textbox", { name: "Name" }), "Teahouse");
  await press(button(page, "Create tenant"));
  await shows(title(page, "Teahouse"));
}

/** Signs in with an account; ends on the home page of the tenant with this name. */
export async function signInAs(page, { email, password }, tenant, { write: enter, press } = direct) {
  await page.goto("/sign-in");
  await enter(page.getByRole("textbox", { name: "Email" }), email);
  await enter(page.getByRole("textbox", { name: "Password" }), password);
  await press(button(page, "Sign in"));
  await shows(title(page, tenant));
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
  // what uses the record may have the same name
  await page.getByRole("main").getByRole("link", { name, exact: true }).first().click();
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

/**
 * Counts clicks by mouse, finger and keyboard, except those that only place the cursor; returns a function that returns
 * their number.
 */
export async function countClicks(page) {
  await page.addInitScript(() => {
    const isTyping = ({ target }) =>
      target.closest("textarea, input:is([type=text], [type=email], [type=password])");
    addEventListener(
      "click",
      (event) =>
        event.isTrusted &&
        !isTyping(event) &&
        sessionStorage.setItem("clicks", String(Number(sessionStorage.getItem("clicks") ?? 0) + 1)),
      true,
    );
  });
  return () => page.evaluate(() => Number(sessionStorage.getItem("clicks")));
}
