import { renderMarkdown } from "../widget-kinds/markdown";
import classes from "../widget-kinds/widget-kinds.module.css";

/** A longer text for people. The renderer lets no tag of the source through. */
export function ProseMarkdown({ text }: { text: string }) {
  return <div className={classes.text} dangerouslySetInnerHTML={{ __html: renderMarkdown(text) }} />;
}
