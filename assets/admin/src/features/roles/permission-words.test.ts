import { afterEach, expect, it } from "vitest";
import { loadLanguage } from "@/lib/i18n";
import { summaryOf } from "./permission-words";

afterEach(() => loadLanguage("en"));

const known = [
  "tenant:read",
  "datasource:list",
  "datasource:read",
  "datasource:create",
  "dashboard:list",
  "dashboard:read",
  "dashboard:use",
  "workflow:list",
  "workflow:read",
  "workflow:execute",
];

it("says what a role allows", () => {
  expect(summaryOf([], known)).toBe("None");
  expect(summaryOf(known, known)).toBe("Everything");
  expect(summaryOf(["dashboard:list", "dashboard:read", "dashboard:use"], known)).toBe("Dashboards");
  expect(summaryOf(["datasource:list", "datasource:read"], known)).toBe("Datasources (read)");
  expect(summaryOf(["tenant:read", "workflow:read", "workflow:execute"], known)).toBe(
    "Tenant, Workflows (execute)",
  );
});

it("counts the kinds of records that it does not name", () => {
  const many = ["a", "b", "c", "d", "e", "f"].flatMap((kind) => [`${kind}:read`, `${kind}:create`]);
  expect(summaryOf(many.slice(0, 11), many)).toMatch(/^As, Bs, Cs, Ds,? and 2 more$/);
});

it("has one conjunction in a list, in every language", async () => {
  await loadLanguage("de");
  const many = ["a", "b", "c", "d", "e", "f"].flatMap((kind) => [`${kind}:read`, `${kind}:create`]);
  expect(summaryOf(many.slice(0, 11), many)).toBe("As, Bs, Cs, Ds und 2 weitere");
});
