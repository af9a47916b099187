import { expect, test } from "vitest";
import { slugOf, withSlug } from "./slug";

test("a slug has the letters and digits of a name", () => {
  expect(["Sales overview", "  Umsatz & Größe 2026! ", "Edit", "売上", "a".repeat(90)].map(slugOf)).toEqual([
    "sales-overview",
    "umsatz-groesse-2026",
    "",
    "",
    "a".repeat(60),
  ]);
});

test("the address of a record gets its name, and keeps it up to date", () => {
  const [id, name] = ["0190", "Sales overview"];
  expect(withSlug("/t/1/dashboards/0190", id, name)).toBe("/t/1/dashboards/0190/sales-overview");
  expect(withSlug("/t/1/dashboards/0190/old-name", id, name)).toBe("/t/1/dashboards/0190/sales-overview");
  expect(withSlug("/t/1/dashboards/0190/old-name", id, "売上")).toBe("/t/1/dashboards/0190");
  for (const other of ["/t/1/dashboards/0190/edit", "/t/1/workflows/0190/versions/3", "/t/1/dashboards/0777"])
    expect(withSlug(other, id, name)).toBe(other);
});

test("no slug is the address of another page", () => {
  const sources = import.meta.glob<string>("/src/features/*/routes.tsx", {
    query: "?raw",
    import: "default",
    eager: true,
  });
  const pages = Object.values(sources).flatMap((source) =>
    [...source.matchAll(/:\w+ID\/([a-z-]+)/g)].map(([, page = ""]) => page),
  );
  expect(pages.length).toBeGreaterThan(2);
  expect(pages.map(slugOf)).toEqual(pages.map(() => ""));
});
