/** Cuts the middle out of a long text: names often differ only at their ends. */
export function shorten(text: string, most: number): string {
  const letters = [...text];
  if (letters.length <= most) return text;
  const end = Math.floor((most - 1) * 0.4);
  const start = letters.slice(0, most - 1 - end).join("");
  return `${start.trimEnd()}…${letters
    .slice(letters.length - end)
    .join("")
    .trimStart()}`;
}
