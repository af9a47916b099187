import { describe, expect, it } from "vitest";
import { fieldErrors, hasErrorBelow, normalizePath } from "./paths";

describe("normalizePath", () => {
  it.each([
    ["options.host", "options.host"],
    ["nodes[2].config.url", "nodes[2].config.url"],
    ["tags.0", "tags[0]"],
    ["/options/headers/1/name", "options.headers[1].name"],
    ["auth/password", "auth.password"],
    ["/a~1b/c~0d", "a/b.c~d"],
    ["", ""],
  ])("reads %s as %s", (given, path) => {
    expect(normalizePath(given)).toBe(path);
  });
});

describe("fieldErrors", () => {
  it("joins several messages for one field", () => {
    expect(
      fieldErrors([
        { path: "name", message: "too long" },
        { path: "/name", message: "taken" },
      ]),
    ).toEqual({ name: "too long; taken" });
  });

  it("finds errors below a path but not beside it", () => {
    const errors = { "options.auth.user": "x", "list[0].a": "y" };
    expect(hasErrorBelow(errors, "options.auth")).toBe(true);
    expect(hasErrorBelow(errors, "list")).toBe(true);
    expect(hasErrorBelow(errors, "options.au")).toBe(false);
  });
});
