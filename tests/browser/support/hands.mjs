// How a person uses a page: with a mouse, with a finger on a phone, or with the keyboard alone. Each journey's body
// gets a hand and says what to press; the hand fails where its person could not go on. It learns what a disabled control
// says about itself.
import assert from "node:assert/strict";
import { shows } from "./app.mjs";
import { standsStill } from "./axe.mjs";
import { DESKTOP, PHONE } from "./browser.mjs";
import { keyboard } from "./keyboard.mjs";

/** WCAG 2.2, 2.5.8. */
const SMALLEST_TARGET = 24;

const mouse = (page) => ({
  press: (target) => target.click(),
  learn: (target) => target.hover(),
  write: (field, text) => field.fill(text),
  async choose(field, option) {
    await field.click();
    await page.getByRole("option", { name: option, exact: true }).click();
  },
});

/**
 * Runs in the page: returns another control that a finger hits which is off by half of the smallest size. Links within a
 * text may be small.
 */
function hitInstead(element, size) {
  const controls =
    "a[href], button, input, textarea, select, label, [role=option], [role=menuitem], [tabindex='0']";
  const control = element.closest(controls) ?? element;
  if (control.tagName === "A" && getComputedStyle(control).display === "inline") return null;
  control.scrollIntoView({ block: "nearest", inline: "nearest" });
  const { left, right, top, bottom } = control.getBoundingClientRect();
  const off = size / 2 - 0.5;
  const isOwn = (hit) =>
    hit.contains(control) || control.contains(hit) || [...(control.labels ?? [])].includes(hit);
  const hits = [
    [off, 0],
    [-off, 0],
    [0, off],
    [0, -off],
  ].map(([dx, dy]) => document.elementFromPoint((left + right) / 2 + dx, (top + bottom) / 2 + dy));
  // A notification goes away.
  const lasting = hits.filter((hit) => !hit?.closest(".mantine-Notification-root"));
  const other = lasting.map((hit) => hit?.closest(controls)).find((hit) => hit && !isOwn(hit));
  return other ? `${other.tagName} ${other.ariaLabel ?? other.textContent.slice(0, 80)}` : null;
}

function touch(page) {
  const press = async (target) => {
    await shows(target);
    await standsStill(page);
    const other = await target.evaluate(hitInstead, SMALLEST_TARGET);
    assert.ok(other === null, `beside ${target}, a finger hits ${other}`);
    await target.tap();
  };
  return {
    press,
    // What is disabled is not waited for, but what covers it is.
    async learn(target) {
      await standsStill(page);
      await target.tap({ force: true });
    },
    async write(field, text) {
      await press(field);
      await field.fill(text);
    },
    async choose(field, option) {
      await press(field);
      await press(page.getByRole("option", { name: option, exact: true }));
    },
  };
}

/** The options of a journey, and how to use its page. */
export const HANDS = {
  mouse: { name: "by mouse", page: { viewport: DESKTOP }, of: mouse },
  touch: { name: "on a phone", page: { viewport: PHONE, isTouch: true }, of: touch },
  keyboard: { name: "by keyboard", page: { viewport: DESKTOP }, of: keyboard },
};
