import { expect, test, vi } from "vitest";
import { keepFocus } from "./keep-focus";
import { find, testPage } from "./test-page";

testPage(
  `
    <main tabindex="-1">
      <section aria-label="Rows"><button>Delete</button></section>
      <a href="#next">Next</a>
    </main>`,
  keepFocus,
);

const press = () => document.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));

test("a control that is gone leaves the focus to what is around it", async () => {
  find("button").focus();
  press();
  find("button").remove();
  await vi.waitFor(() => expect(document.activeElement).toBe(find("section")));
});

test("what was on the page before gets the focus when a dialog with it is gone", async () => {
  find("button").focus();
  document.body.insertAdjacentHTML(
    "beforeend",
    `<div role="dialog" tabindex="-1"><button id="yes">Yes</button></div>`,
  );
  find("#yes").focus();
  press();
  find("section button").remove();
  find("[role=dialog]").remove();
  await vi.waitFor(() => expect(document.activeElement).toBe(find("section")));
});

test("a dialog that an item of a menu opened gives the focus back to the menu's button", async () => {
  find("section button").focus();
  document.body.insertAdjacentHTML(
    "beforeend",
    `<div role="menu" tabindex="-1"><button id="item">Rename</button></div>`,
  );
  find("#item").focus();
  press();
  const fields = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `<input id="field${n}">`);
  document.body.insertAdjacentHTML("beforeend", `<div role="dialog" tabindex="-1">${fields.join("")}</div>`);
  for (const n of [1, 2, 3, 4, 5, 6, 7, 8]) find(`#field${n}`).focus();
  find("[role=menu]").remove();
  find("[role=dialog]").remove();
  await vi.waitFor(() => expect(document.activeElement).toBe(find("section button")));
});

test("another page gets the focus as a whole", async () => {
  find("a").focus();
  press();
  find("main").innerHTML = "<h1>Next page</h1>";
  await vi.waitFor(() => expect(document.activeElement).toBe(find("main")));
});

test("a control that was disabled gets the focus back", async () => {
  const button = find<HTMLButtonElement>("button");
  button.focus();
  press();
  button.disabled = true;
  // As browsers do before they draw.
  button.blur();
  button.disabled = false;
  await vi.waitFor(() => expect(document.activeElement).toBe(button));
});

test("nothing happens to people who use a mouse", async () => {
  find("button").focus();
  document.dispatchEvent(new Event("pointerdown"));
  find("button").remove();
  await new Promise((drawn) =>
    requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(drawn))),
  );
  expect(document.activeElement).toBe(document.body);
});
