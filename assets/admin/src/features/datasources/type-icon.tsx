import classes from "./datasources.module.css";

/** Returns two letters for a name: "REST API" → "RA", "PostgreSQL" → "Po". */
export function lettersOf(name: string): string {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const [first = "", second] = words;
  const letters = second ? first.slice(0, 1) + second.slice(0, 1) : first.slice(0, 2);
  return letters.slice(0, 1).toUpperCase() + letters.slice(1);
}

/** Returns a hue that belongs to a name. */
const hueOf = (name: string): number =>
  [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);

/** A mark for a type of datasource: only the server knows the types themselves, so it is derived from the name. */
export function TypeIcon({ name, size = 18 }: { name: string; size?: number }) {
  const hue = hueOf(name);
  return (
    <span
      className={classes.typeIcon}
      aria-hidden
      style={{
        width: size,
        height: size,
        fontSize: size * 0.48,
        color: `light-dark(hsl(${hue} 60% 26%), hsl(${hue} 60% 80%))`,
        background: `light-dark(hsl(${hue} 60% 92%), hsl(${hue} 40% 24%))`,
      }}
    >
      {lettersOf(name)}
    </span>
  );
}
