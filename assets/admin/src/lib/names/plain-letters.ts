const letters: Record<string, string> = { ä: "ae", ö: "oe", ü: "ue", ß: "ss" };

/** Spells a German letter with two others. */
function spelled(letter: string): string {
  const lower = letter.toLowerCase();
  const two = letters[lower] ?? letter;
  return letter === lower ? two : two.charAt(0).toUpperCase() + two.slice(1);
}

/** Returns a text without umlauts and accents. */
export const plainLetters = (text: string): string =>
  text
    .replace(/[äöüß]/gi, spelled)
    .normalize("NFKD")
    .replace(/\p{M}/gu, "");
