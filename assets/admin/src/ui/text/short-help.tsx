import { t } from "@lingui/core/macro";
import { useState, type ReactNode } from "react";
import { prose } from "./prose";
import classes from "./short-help.module.css";

/** A longer text is shortened to its first sentence. */
const LONG = 90;

/** Returns the first sentence of a long text, and the rest; code between backticks is not divided. */
export function divided(text: string): [first: string, rest: string] {
  if (text.length <= LONG) return [text, ""];
  for (const end of text.matchAll(/[.:!?]\s+(?=[A-ZÄÖÜ`])/g)) {
    const first = text.slice(0, end.index + 1);
    if (first.split("`").length % 2 === 1)
      return [first.replace(/:$/, "."), text.slice(end.index + end[0].length)];
  }
  return [text, ""];
}

/** Renders the help of a field: its first sentence, with the rest behind a question mark. */
export function shortHelp(text: string | undefined): ReactNode {
  const [first, rest] = divided(text ?? "");
  return rest ? <ShortHelp first={first} rest={rest} /> : prose(text);
}

function ShortHelp({ first, rest }: { first: string; rest: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      {prose(first)} {open && <>{prose(rest)} </>}
      <button
        type="button"
        className={classes.more}
        aria-expanded={open}
        aria-label={open ? t`Less help` : t`More help`}
        onClick={() => setOpen(!open)}
      >
        {open ? "–" : "?"}
      </button>
    </>
  );
}
