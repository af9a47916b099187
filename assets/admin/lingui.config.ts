import { defineConfig } from "@lingui/conf";
import { formatter } from "@lingui/format-po";

/** English is the source language; every other language has a catalog of translations. */
export default defineConfig({
  sourceLocale: "en",
  locales: ["de"],
  catalogs: [{ path: "src/locales/{locale}", include: ["src"], exclude: ["**/*.test.*", "**/*.d.ts"] }],
  // No line numbers: a catalog changes when a text does, not when code moves.
  format: formatter({ origins: false }),
  orderBy: "message",
});
