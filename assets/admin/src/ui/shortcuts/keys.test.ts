import { describe, expect, it } from "vitest";
import { alternativesOf, ariaKeys, combinationOf, needsNoModifier, written } from "./keys";

const press = (key: string, held: { ctrl?: boolean; meta?: boolean; alt?: boolean; shift?: boolean } = {}) =>
  combinationOf({
    key,
    ctrlKey: held.ctrl ?? false,
    metaKey: held.meta ?? false,
    altKey: held.alt ?? false,
    shiftKey: held.shift ?? false,
  });

describe("keys", () => {
  it("distinguishes combinations", () => {
    expect(press("k", { ctrl: true })).toBe("mod+k");
    expect(press("k", { meta: true })).toBe("mod+k");
    expect(press("Z", { ctrl: true, shift: true })).toBe("mod+shift+z");
    expect(press("Enter", { ctrl: true })).toBe("mod+enter");
    expect(press("Enter", { shift: true })).toBe("shift+enter");
  });

  it("recognizes a character whatever keys are held to type it", () => {
    expect(press("?", { shift: true })).toBe("?");
    expect(press("G", { shift: true })).toBe("g");
  });

  it("tells keys that do the same from keys that are pressed together", () => {
    expect(alternativesOf("↑|↓|←|→")).toEqual(["↑", "↓", "←", "→"]);
    expect(["mod+K", "|", "mod+|"].map(alternativesOf)).toEqual([["mod+K"], ["|"], ["mod+|"]]);
  });

  it("knows what could be typed", () => {
    expect(["?", "g d", "/", "mod+K", "alt+1"].map(needsNoModifier)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it("formats them for people and for screen readers", () => {
    expect(written("mod+shift+Z")).toBe("Ctrl Shift Z");
    expect(written("g d")).toBe("G D");
    expect(ariaKeys("mod+K")).toBe("Control+K Meta+K");
  });
});
