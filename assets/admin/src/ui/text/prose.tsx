import { Fragment, type ReactNode } from "react";

/** Renders a text of the server's schemas: backticks mark code. Undefined for no text. */
export function prose(text: string | undefined): ReactNode {
  return text?.includes("`")
    ? text
        .split("`")
        .map((part, index) =>
          index % 2 ? <code key={index}>{part}</code> : <Fragment key={index}>{part}</Fragment>,
        )
    : text;
}
