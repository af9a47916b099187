import { describe, expect, it } from "vitest";
import { pathOf, usualSchema, writtenName } from "./sql-names";

const table = (schema: string | null, name: string) => ({ schema, name, kind: "table", columns: [] });

describe("usualSchema", () => {
  it("is a default one beside others, or the only one", () => {
    expect(usualSchema([table("audit", "a"), table("public", "b")])).toBe("public");
    expect(usualSchema([table("shop", "a"), table("shop", "b")])).toBe("shop");
    expect(usualSchema([table("shop", "a"), table("audit", "b")])).toBeNull();
  });
});

describe("writtenName", () => {
  it("includes the schema if it is not the default one", () => {
    expect(writtenName(pathOf(table("audit", "log"), "public"), '"')).toBe("audit.log");
    expect(writtenName(pathOf(table("public", "orders"), "public"), '"')).toBe("orders");
    expect(writtenName(pathOf(table(null, "orders"), null), '"')).toBe("orders");
  });

  it("quotes names that need it, and the quote itself", () => {
    expect(writtenName(["Order Items"], '"')).toBe('"Order Items"');
    expect(writtenName(['a"b'], '"')).toBe('"a""b"');
    expect(writtenName(["a`b"], "`")).toBe("`a``b`");
  });
});
