import { Fragment, type ReactNode } from "react";

/** A sentence of the server's schemas: what stands in backticks is code. Nothing stays nothing. */
export function prose(text: string | undefined): ReactNode {
  return text?.includes("`") ? text.split("`").map((part, index) => (index % 2 ? <code key={index}>{part}</code> : <Fragment key={index}>{part}</Fragment>)) : text;
}
