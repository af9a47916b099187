import classes from "../widget-kinds.module.css";

/** Returns the path of a line through values, in a box of 100 × 30; null values leave gaps. */
export function sparkPath(values: readonly (number | null)[]): string {
  const present = values.filter((value) => value !== null);
  if (present.length < 2) return "";
  const [least, most] = [present.reduce((a, b) => Math.min(a, b)), present.reduce((a, b) => Math.max(a, b))];
  const step = 100 / (values.length - 1);
  let pen = false;
  return values
    .map((value, index) => {
      const moves = !pen;
      pen = value !== null;
      if (value === null) return "";
      const y = most === least ? 15 : 28 - ((value - least) / (most - least)) * 26;
      return `${moves ? "M" : "L"}${Number((index * step).toFixed(2))} ${Number(y.toFixed(2))}`;
    })
    .join("");
}

/** A small line chart without axes; its meaning is given as text beside it. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const path = sparkPath(values);
  if (!path) return null;
  return (
    <svg className={classes.spark} viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden>
      <path d={path} fill="none" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
