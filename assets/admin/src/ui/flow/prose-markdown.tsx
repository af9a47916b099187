import { renderMarkdown } from "../widget-kinds/markdown";
import classes from "../widget-kinds/widget-kinds.module.css";

/** A longer text for people. The renderer escapes all HTML of the source. */
export function ProseMarkdown({ text }: { text: string }) {
  return <div className={classes.text} dangerouslySetInnerHTML={{ __html: renderMarkdown(text) }} />;
}
