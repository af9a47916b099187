import { formatter } from "@lingui/format-po";
import { compileMessage, type CompiledMessage } from "@lingui/message-utils/compileMessage";
import { beforeAll, describe, expect, it } from "vitest";
import po from "./de.po?raw";

interface Entry {
  message?: string;
  translation?: string;
}

/** Returns what both languages must have in common: values, plural branches and tags. */
function partsOf(message: CompiledMessage): string[] {
  if (typeof message === "string") return tagsIn(message);
  const parts = message.flatMap((token) => {
    if (typeof token === "string") return tagsIn(token);
    const [name, type, branches] = token as [string, string?, Record<string, CompiledMessage>?];
    if (typeof branches !== "object") return [[name, type].filter(Boolean).join(" ")];
    return Object.entries(branches).flatMap(([branch, inner]) =>
      branch === "offset" ? [] : [`${name} ${type ?? ""} ${branch}`, ...partsOf(inner)],
    );
  });
  return [...new Set(parts)].sort();
}

const tagsIn = (text: string): string[] => text.match(/<\/?\d+\/?>/g) ?? [];

let entries: [english: string, german: string][];

beforeAll(async () => {
  const catalog = (await formatter({ origins: false }).parse(po, {
    locale: "de",
    sourceLocale: "en",
    filename: "de.po",
  })) as Record<string, Entry>;
  entries = Object.values(catalog).map(({ message = "", translation = "" }) => [message, translation]);
});

describe("the German catalog", () => {
  it("has the same values and tags in German as in English", () => {
    expect(entries.length).toBeGreaterThan(1500);
    const wrong = entries.filter(
      ([english, german]) =>
        german !== "" &&
        partsOf(compileMessage(german)).join("\n") !== partsOf(compileMessage(english)).join("\n"),
    );
    expect(wrong).toEqual([]);
  });

  it("has the same leading and trailing space", () => {
    const edges = (text: string) => [/^\s*/, /\s*$/].map((edge) => edge.exec(text)?.[0]);
    expect(
      entries.filter(
        ([english, german]) => german !== "" && edges(english).join("|") !== edges(german).join("|"),
      ),
    ).toEqual([]);
  });

  it("uses German quotation marks", () => {
    expect(entries.filter(([, german]) => /[”‘]|(?<!„[^“]*)“/u.test(german))).toEqual([]);
  });
});
