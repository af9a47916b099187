import { useMemo } from "react";
import { textOf, type WidgetProps } from "./config";
import { Hint } from "./hint";
import { renderMarkdown } from "./markdown";
import classes from "./widget-kinds.module.css";

export function TextWidget({ config }: WidgetProps) {
  const markdown = textOf(config, "markdown");
  const html = useMemo(() => renderMarkdown(markdown), [markdown]);
  if (!markdown.trim()) return <Hint text="Nothing is written here yet." />;
  // The renderer escapes every tag of the source and lets through no link but to the web, mail or this app.
  return <div className={classes.text} dangerouslySetInnerHTML={{ __html: html }} />;
}
