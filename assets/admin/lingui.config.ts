import { defineConfig } from "@lingui/conf";
import { formatter } from "@lingui/format-po";

/** English stands in the source; every other language has a catalogue of translations beside it. */
export default defineConfig({
  sourceLocale: "en",
  locales: ["de"],
  catalogs: [{ path: "src/locales/{locale}", include: ["src"], exclude: ["**/*.test.*", "**/*.d.ts"] }],
  // No line numbers: a catalogue changes when a text does, not when code moves.
  format: formatter({ origins: false }),
  orderBy: "message",
});
