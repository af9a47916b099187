const LANGUAGES = ["sql", "javascript", "json", "text"] as const;

/** What the editor can colour. */
export type Language = (typeof LANGUAGES)[number];

export const isLanguage = (name: string): name is Language => LANGUAGES.some((language) => language === name);
