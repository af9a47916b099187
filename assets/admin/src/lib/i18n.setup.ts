import { loadLanguage } from "./i18n";

// Tests use the texts of the source.
await loadLanguage("en");
