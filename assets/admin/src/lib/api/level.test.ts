import { expect, it } from "vitest";
import { isAllowedAt } from "./level";

it("limits only what is done on dashboards", () => {
  const allowed = (level: "view" | "use" | "edit") =>
    ["dashboard:read", "dashboard:use", "dataquery:execute", "widget:update", "dashboard:share"].filter(
      (one) => isAllowedAt(level, one),
    );
  expect(allowed("view")).toEqual(["dashboard:read"]);
  expect(allowed("use")).toEqual(["dashboard:read", "dashboard:use", "dataquery:execute"]);
  expect(allowed("edit")).toHaveLength(5);
  expect(isAllowedAt("view", "workflow:execute")).toBe(true);
});
