import { renderMarkdown } from "./markdown";
import classes from "./markdown.module.css";

/** A longer text for people. The renderer escapes all HTML of the source. */
export function ProseMarkdown({ text }: { text: string }) {
  return <div className={classes.text} dangerouslySetInnerHTML={{ __html: renderMarkdown(text) }} />;
}
