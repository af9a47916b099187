import { afterEach, expect, it, vi } from "vitest";
import { focusField } from "./focus-field";

afterEach(() => document.body.replaceChildren());

const focused = () => document.activeElement?.getAttribute("name");

it("moves the focus to the field of a problem, or to the closest one around it", async () => {
  document.body.innerHTML = `
    <div data-field="config.url"><input name="url" /></div>
    <div data-field="config.branches">
      <input name="label" />
      <div data-field="config.branches[0].when"><input type="radio" name="format" /><textarea name="when"></textarea></div>
    </div>`;
  focusField("nodes[3].config.branches[0].when");
  await vi.waitFor(() => expect(focused()).toBe("when"));
  focusField("nodes[0].config.branches[1].id");
  await vi.waitFor(() => expect(focused()).toBe("label"));
  focusField("nodes/0/config/url");
  await vi.waitFor(() => expect(focused()).toBe("url"));
});

it("waits for a form that is rendered later", async () => {
  focusField("nodes[0].config.for");
  requestAnimationFrame(() => {
    document.body.innerHTML = '<div data-field="config.for"><input name="for" /></div>';
  });
  await vi.waitFor(() => expect(focused()).toBe("for"));
});
