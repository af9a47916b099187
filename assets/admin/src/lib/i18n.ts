import { i18n } from "@lingui/core";

/** The languages of the UI, each by its own name. English stands in the source. */
export const languages = { en: "English", de: "Deutsch" } as const;

export type Language = keyof typeof languages;

export const languageNames = Object.entries(languages) as [Language, string][];

const CHOSEN = "jet-admin.language";

const catalogs: Record<Exclude<Language, "en">, () => Promise<{ messages: Record<string, string> }>> = {
  de: () => import("../locales/de.po"),
};

const known = (tag: string): Language | undefined => {
  const [language] = tag.toLowerCase().split("-");
  return languageNames.map(([one]) => one).find((one) => one === language);
};

/** The language of the first tag that the UI knows. */
export function bestLanguage(tags: readonly string[]): Language {
  return tags.map(known).find((language) => language !== undefined) ?? "en";
}

/** What the person chose. A page that another site embeds may be let keep nothing, and then even asking fails. */
function chosenOne(): string {
  try {
    return localStorage.getItem(CHOSEN) ?? "";
  } catch {
    return "";
  }
}

/** What the person chose, or else what the browser prefers. */
const preferred = (): Language => known(chosenOne()) ?? bestLanguage(navigator.languages);

/** The tag for dates and numbers: the browser's own where it is of the same language, so that its region counts. */
export function regionOf(language: string, tags: readonly string[]): string {
  return tags.find((tag) => known(tag) === language) ?? language;
}

// Messages are compiled when the UI is built: what is still text here is shown as it is.
i18n.setMessagesCompiler((text) => [text]);

/** What the server says of itself, in the language of the UI. */
let said: ReadonlyMap<string, string> = new Map();

/** To be awaited before any module that holds texts is imported: such modules may translate as they load. */
export async function loadLanguage(language = preferred()): Promise<void> {
  const messages = language === "en" ? {} : (await catalogs[language]()).messages;
  i18n.loadAndActivate({ locale: language, locales: regionOf(language, navigator.languages), messages });
  // These translate as they load, too.
  said = language === "en" ? new Map() : (await import("../locales/server-texts.gen")).serverTexts;
  document.documentElement.lang = language;
}

/** What the server wrote in English, in the language of the UI where the catalogue has it. */
export const serverText = (text: string): string => said.get(text) ?? text;

const WORDS = new Set(["title", "description", "name", "label", "category", "x-group"]);
const VALUES = new Set(["default", "examples", "enum", "const"]);

/** The same for all that people read in a type, a schema or a list of them; `named` is an object whose keys are names, such as `properties`. */
export function inLanguage<T>(value: T, named = false): T {
  if (said.size === 0 || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => inLanguage(item)) as T;
  const translated = ([key, inner]: [string, unknown]) => {
    if (!named && VALUES.has(key)) return [key, inner];
    if (typeof inner === "string") return [key, WORDS.has(key) && !named ? serverText(inner) : inner];
    return [key, inLanguage(inner, key === "properties" && !named)];
  };
  return Object.fromEntries(Object.entries(value).map(translated)) as T;
}

/** The UI's language. */
export const language = (): Language => known(i18n.locale) ?? "en";

/** The tag that dates and numbers are written by. */
export const region = (): string => (typeof i18n.locales === "string" ? i18n.locales : language());

/** Takes effect when the page has loaded anew: a change of language is rare, and no screen need listen for it. */
export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(CHOSEN, chosen);
  window.location.reload();
}

/** Loads the page anew when another tab has chosen a language, if that is all right. */
export function followLanguage(mayReload: () => boolean): () => void {
  const onStorage = ({ key, newValue }: StorageEvent) => {
    if (key === CHOSEN && known(newValue ?? "") !== language() && mayReload()) window.location.reload();
  };
  window.addEventListener("storage", onStorage);
  return () => window.removeEventListener("storage", onStorage);
}
