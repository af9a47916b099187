import { i18n } from "@lingui/core";

/** The languages of the UI, each by its own name. English is the source language. */
const languages = { en: "English", de: "Deutsch" } as const;

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

/** Returns the first tag's language that the UI has. */
export function bestLanguage(tags: readonly string[]): Language {
  return tags.map(known).find((language) => language !== undefined) ?? "en";
}

/** Returns the selected language. In an embedded page, reading the storage may throw. */
function chosenOne(): string {
  try {
    return localStorage.getItem(CHOSEN) ?? "";
  } catch {
    return "";
  }
}

/** Returns the selected language, or else the one that the browser prefers. */
const preferred = (): Language => known(chosenOne()) ?? bestLanguage(navigator.languages);

/**
 * Returns the locale for dates and numbers: the browser's own if it has the same language, so that its region counts.
 */
export function regionOf(language: string, tags: readonly string[]): string {
  return tags.find((tag) => known(tag) === language) ?? language;
}

// Messages are compiled at build time: those that are still strings are shown unchanged.
i18n.setMessagesCompiler((text) => [text]);

/** The server's texts, in the language of the UI. */
let said: ReadonlyMap<string, string> = new Map();

/** Must be awaited before any module with texts is imported: such modules may translate as they load. */
export async function loadLanguage(language = preferred()): Promise<void> {
  const messages = language === "en" ? {} : (await catalogs[language]()).messages;
  i18n.loadAndActivate({ locale: language, locales: regionOf(language, navigator.languages), messages });
  // These translate as they load, too.
  said = language === "en" ? new Map() : (await import("../locales/server-texts.gen")).serverTexts;
  document.documentElement.lang = language;
}

/** Returns the translation of a text that the server sent in English, or the text itself. */
export const serverText = (text: string): string => said.get(text) ?? text;

const WORDS = new Set(["title", "description", "name", "label", "category", "x-group"]);
const VALUES = new Set(["default", "examples", "enum", "const"]);

/**
 * Translates all texts in a type, a schema or a list of them; `named` is an object whose keys are names, such as
 * `properties`.
 */
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

/** Returns the UI's language. */
export const language = (): Language => known(i18n.locale) ?? "en";

/** Returns the locale for dates and numbers. */
export const region = (): string => (typeof i18n.locales === "string" ? i18n.locales : language());

/** Stores the language and reloads the page: a change is rare, so no screen needs to listen for it. */
export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(CHOSEN, chosen);
  window.location.reload();
}

/** Reloads the page after another tab has selected a language, if `mayReload` allows. */
export function followLanguage(mayReload: () => boolean): () => void {
  const onStorage = ({ key, newValue }: StorageEvent) => {
    if (key === CHOSEN && known(newValue ?? "") !== language() && mayReload()) window.location.reload();
  };
  window.addEventListener("storage", onStorage);
  return () => window.removeEventListener("storage", onStorage);
}
