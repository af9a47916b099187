import { loadLanguage } from "./i18n";

// Tests read the texts as they stand in the source.
await loadLanguage("en");
