const LANGUAGES = ["sql", "javascript", "json", "text"] as const;

/** The languages with syntax highlighting. */
export type CodeLanguage = (typeof LANGUAGES)[number];

export const isLanguage = (name: string): name is CodeLanguage =>
  LANGUAGES.some((language) => language === name);
