import { expect, it, vi } from "vitest";
import { find, reads, serve, show } from "@/ui/testing";
import { VersionConflict } from "./version-conflict";

const draft = (change: object) => ({
  name: "Orders",
  description: "",
  datasourceID: "d1",
  maxRows: 10,
  ...change,
});
const conflict = {
  base: draft({}),
  theirs: draft({ name: "Theirs", maxRows: 20 }),
  merged: draft({ name: "Mine", maxRows: 20, cacheSeconds: 60 }),
  version: 2,
};

function open(by: string) {
  serve({
    "GET data-queries/q1/versions": () => ({
      items: [{ version: 2, at: "2026-01-02T03:04:05.000Z", by, name: "" }],
    }),
  });
  const editor = {
    base: { id: "q1" },
    newer: true,
    conflict,
    saving: false,
    compare: vi.fn(),
    takeTheirs: vi.fn(),
    keepMine: vi.fn(() => Promise.resolve(true)),
    goOn: vi.fn(),
  };
  show(<VersionConflict kind="dataquery" editor={editor} />);
  return editor;
}

it("shows only the changed fields: what was saved, and what overwriting changes then", async () => {
  open("Bea");
  await reads("Bea has saved changes");
  const sides = [...document.querySelectorAll("[role=group] > section")].map((side) =>
    [...side.querySelectorAll("li")].map((line) => line.textContent),
  );
  expect(sides).toMatchObject([
    [expect.stringContaining("Name"), expect.stringContaining("Row limit")],
    [expect.stringContaining("Name"), expect.stringContaining("Cache")],
  ]);
  const marked = [...document.querySelectorAll("li")].filter(({ textContent }) =>
    textContent?.includes("also changed in the saved version"),
  );
  expect(marked).toHaveLength(1);
  expect(marked[0]?.querySelector("ins")?.textContent).toBe("Mine");
});

it("says so if the user saved in another window, and decides by button", async () => {
  const editor = open("Ada");
  await reads("You saved changes in another window");
  (await find("button", "Overwrite")).click();
  (await find("button", "Use theirs")).click();
  (await find("button", "Keep editing")).click();
  for (const decision of [editor.keepMine, editor.takeTheirs, editor.goOn])
    expect(decision).toHaveBeenCalledOnce();
});
