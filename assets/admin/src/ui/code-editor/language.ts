const LANGUAGES = ["sql", "javascript", "json", "text"] as const;

/** The languages with syntax highlighting. */
export type Language = (typeof LANGUAGES)[number];

export const isLanguage = (name: string): name is Language => LANGUAGES.some((language) => language === name);
