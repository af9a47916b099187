import { describe, expect, it } from "vitest";
import { carry } from "./carry.mjs";

const IMPORTS = `import { plural, t } from "@lingui/core/macro";\nimport { Trans } from "@lingui/react/macro";\n`;

/** Carries one change over in a source of one statement. */
function change(statement, { old, to, de, server, catalog = { [old]: "Alt" }, serverIds = [] }) {
  const carried = carry({
    sources: new Map([["a.tsx", IMPORTS + statement]]),
    catalog: new Map(Object.entries(catalog)),
    serverIds: new Set(serverIds),
    changes: [{ old, new: to, de, server }],
  });
  return {
    source: carried.sources.get("a.tsx").slice(IMPORTS.length),
    catalog: Object.fromEntries(carried.catalog),
    problems: carried.problems,
  };
}

describe("carrying texts over", () => {
  it("rewrites a template and keeps its German", () => {
    expect(
      change("t`Make it`;", { old: "Make it", to: "Create `it`", catalog: { "Make it": "Anlegen" } }),
    ).toEqual({
      source: "t`Create \\`it\\``;",
      catalog: { "Create `it`": "Anlegen" },
      problems: [],
    });
  });

  it("moves values with the words, in both languages", () => {
    const { source, catalog } = change("t`${a.b} of ${total}, ${c()}`;", {
      old: "{0} of {total}, {1}",
      to: "{1}: {0} of {total}",
      de: "{0} von {total}: {1}",
    });
    expect(source).toBe("t`${c()}: ${a.b} of ${total}`;");
    expect(catalog).toEqual({ "{0}: {1} of {total}": "{1} von {total}: {0}" });
  });

  it("rewrites the branches of a plural", () => {
    const old = "{0, plural, one {# round} other {# rounds}}";
    const to = "{0, plural, one {# iteration} other {# iterations}}";
    const { source, problems } = change(`plural(list.length, { one: "# round", other: "# rounds" });`, {
      old,
      to,
      de: "{0, plural, one {# Durchlauf} other {# Durchläufe}}",
    });
    expect(source).toBe(`plural(list.length, { one: "# iteration", other: "# iterations" });`);
    expect(problems).toEqual([]);
  });

  it("keeps the tags of components, and space beside them", () => {
    const { source } = change("<Trans>See <a href={x}>the {name}</a> and go on.</Trans>;", {
      old: "See <0>the {name}</0> and go on.",
      to: "Open <0>{name}</0> to continue.",
      de: "<0>{name}</0> öffnen.",
    });
    expect(source).toBe("<Trans>Open <a href={x}>{name}</a> to continue.</Trans>;");
  });

  it("merges with a message of the same text", () => {
    const { catalog, problems } = change("t`Choose`; t`Select`;", {
      old: "Choose",
      to: "Select",
      catalog: { Choose: "Wählen", Select: "Auswählen" },
    });
    expect(catalog).toEqual({ Select: "Auswählen" });
    expect(problems).toEqual([]);
  });

  it("reports two translations of one text", () => {
    const { problems } = change("t`Choose`;", {
      old: "Choose",
      to: "Select",
      de: "Wählen",
      catalog: { Choose: "Wählen", Select: "Auswählen" },
    });
    expect(problems).toEqual([`"Select" exists already, as "Auswählen", not "Wählen": kept`]);
  });

  it("leaves a message that it cannot rewrite, and says where it is", () => {
    const { source, catalog, problems } = change("\nt`Make it`;", { old: "Make it", to: "Create {it}" });
    expect(source).toBe("\nt`Make it`;");
    expect(catalog).toEqual({ "Make it": "Alt" });
    expect(problems).toEqual([`"Make it": a.tsx:4 cannot be rewritten: {it} is not a value of this message`]);
  });

  it("reports messages that do not exist or have no German", () => {
    expect(change("t`One`;", { old: "Two", to: "Three", catalog: {} }).problems).toEqual([
      `"Two": there is no such message`,
    ]);
    expect(change("t`One`;", { old: "One", to: "Two", catalog: {} }).problems).toEqual([
      `"Two" has no German`,
    ]);
  });

  it("renames a text of the server in the catalogue, with the code in it as values", () => {
    const { catalog } = change("t`One`;", {
      old: "Such as `{{ x }}`",
      to: "For example `{{ x }}`",
      de: "Etwa `{{ x }}`",
      catalog: { "Such as {0}": "Wie {0}" },
      serverIds: ["Such as {0}"],
    });
    expect(catalog).toEqual({ "For example {0}": "Etwa {0}" });
  });

  it("keeps the old text where only one of the UI and the server changes it", () => {
    const shared = {
      old: "Took",
      to: "Duration",
      de: "Dauer",
      catalog: { Took: "Nahm" },
      serverIds: ["Took"],
    };
    expect(change("t`Took`;", shared)).toMatchObject({
      source: "t`Duration`;",
      catalog: { Took: "Nahm", Duration: "Dauer" },
    });
    expect(change("t`Took`;", { ...shared, server: true })).toMatchObject({
      source: "t`Took`;",
      catalog: { Took: "Nahm", Duration: "Dauer" },
    });
  });
});
