// The keyboard alone: reaches a control as a person does, and fails where the focus is lost, hidden or not visible.
import assert from "node:assert/strict";
import { shows } from "./app.mjs";
import { standsStill } from "./axe.mjs";

/** The number of keys after which a person gives up. */
const MOST_KEYS = 60;
const MOST_FRAMES = 30;
/** The page may move the focus after it has drawn. */
const SOON_MS = 3000;
const FOCUSABLE = "a[href], button, input, textarea, select, [tabindex], [contenteditable=true]";

/** Runs in the page: returns the key that leads from the focus to the target, or null when it has the focus. */
function nextKey(target, focusable) {
  const goal = target.closest(focusable) ?? target;
  const active = document.activeElement ?? document.body;
  if (active === goal) return null;
  const isAfter = Boolean(active.compareDocumentPosition(goal) & Node.DOCUMENT_POSITION_FOLLOWING);
  const within = (selector) => {
    const group = goal.closest(selector);
    return group !== null && group.contains(active);
  };
  const role = goal.getAttribute("role") ?? "";
  if (role.startsWith("menuitem") && within("[role=menu]")) return isAfter ? "ArrowDown" : "ArrowUp";
  if (role === "tab" && active.role === "tab" && within("[role=tablist]"))
    return isAfter ? "ArrowRight" : "ArrowLeft";
  if (goal.type === "radio" && active.type === "radio" && active.name === goal.name)
    return isAfter ? "ArrowRight" : "ArrowLeft";
  if (role === "row" || goal.tagName === "TR") {
    if (active.role === "row" && active.parentElement === goal.parentElement)
      return isAfter ? "ArrowDown" : "ArrowUp";
  }
  return isAfter ? "Tab" : "Shift+Tab";
}

/** Runs in the page: describes what the focus changes in the looks of a control and what is beside it. */
function looksOf(target, focusable) {
  const goal = target.closest(focusable) ?? target;
  const { parentElement, nextElementSibling, previousElementSibling, firstElementChild } = goal;
  const near = [goal, parentElement, nextElementSibling, previousElementSibling, firstElementChild];
  const looks = near.filter(Boolean).map((element) => {
    const { outlineStyle, outlineWidth, outlineColor, borderWidth, borderColor, boxShadow, backgroundColor } =
      getComputedStyle(element);
    const outline = outlineStyle === "none" ? "" : `${outlineStyle} ${outlineWidth} ${outlineColor}`;
    return [outline, borderWidth === "0px" ? "" : borderColor, boxShadow, backgroundColor].join(" ");
  });
  // A code editor shows its cursor.
  return [...looks, goal.closest(".cm-editor")?.className].join("\n");
}

/** Runs in the page: returns what is wrong with the place of the focused control. */
function hiddenBy(target, focusable) {
  const goal = target.closest(focusable) ?? target;
  const seen = goal.labels?.[0] && goal.getBoundingClientRect().width < 2 ? goal.labels[0] : goal;
  const { left, top, right, bottom } = seen.getBoundingClientRect();
  const [x, y] = [
    (Math.max(left, 0) + Math.min(right, innerWidth)) / 2,
    (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2,
  ];
  if (right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight) return "outside of the window";
  const over = document.elementFromPoint(x, y);
  const isSeen = over && (seen.contains(over) || over.contains(seen) || goal.parentElement.contains(over));
  return isSeen ? null : `behind ${over?.outerHTML.slice(0, 120)}`;
}

/**
 * Runs in the page: whether something has the focus, unless nothing ever had it on this page. Tab continues from a
 * control that was disabled.
 */
function hasPlace() {
  if (!globalThis.focusSeen) {
    globalThis.focusSeen = { last: null };
    addEventListener("focusin", ({ target }) => (globalThis.focusSeen.last = target), true);
  }
  const { last } = globalThis.focusSeen;
  const isNowhere = (document.activeElement ?? document.body) === document.body;
  return !isNowhere || last === null || (last.isConnected && last.matches(":disabled"));
}

export function keyboard(page) {
  let last = "the start";
  const key = (name) => page.keyboard.press(name);
  const reach = async (target) => {
    await shows(target);
    await page
      .waitForFunction(hasPlace, undefined, { timeout: SOON_MS })
      .catch(() => assert.fail(`the focus is lost after ${last}`));
    const before = await target.evaluate(looksOf, FOCUSABLE);
    let keys = 0;
    // A code editor keeps Tab for itself until Escape.
    if (await page.evaluate(() => document.activeElement?.closest(".cm-editor") != null)) await key("Escape");
    for (let next; (next = await target.evaluate(nextKey, FOCUSABLE)) !== null; keys += 1) {
      assert.ok(keys < MOST_KEYS, `${target} is not reached with ${MOST_KEYS} keys after ${last}`);
      await key(next);
    }
    await standsStill(page);
    const hidden = await target.evaluate(hiddenBy, FOCUSABLE);
    assert.equal(hidden, null, `${target} has the focus`);
    // The page may still be drawing what the last key has caused.
    for (let frames = 0; keys && (await target.evaluate(looksOf, FOCUSABLE)) === before; frames += 1) {
      assert.ok(frames < MOST_FRAMES, `no visible focus on ${target}`);
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
    last = String(target);
  };
  const press = async (target) => {
    await reach(target);
    const isSwitch = await target.evaluate(({ type }) => ["checkbox", "radio"].includes(type));
    await key(isSwitch ? "Space" : "Enter");
  };
  return {
    press,
    learn: reach,
    async write(field, text) {
      await reach(field);
      await key("Control+A");
      await page.keyboard.insertText(text);
    },
    async choose(field, option) {
      await reach(field);
      await key("ArrowDown");
      const wanted = page.getByRole("option", { name: option, exact: true });
      await shows(wanted);
      for (let keys = 0; !(await wanted.evaluate((one) => "comboboxSelected" in one.dataset)); keys += 1) {
        assert.ok(keys < MOST_KEYS, `the option ${option} is not reached`);
        await key("ArrowDown");
      }
      await key("Enter");
    },
    key,
  };
}
