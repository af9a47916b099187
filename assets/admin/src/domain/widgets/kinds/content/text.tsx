import { t } from "@lingui/core/macro";
import { useMemo } from "react";
import { fillWords } from "@/lib/templates/placeholders";
import { escapeMarkdown, renderMarkdown } from "@/ui/text/markdown";
import markdownClasses from "@/ui/text/markdown.module.css";
import { useUserScope } from "../actions/unresolved";
import { firstRowOf, mentionsVariables, textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import { useWidgetVariables } from "../host";
import { Scroll } from "../scroll";
import classes from "../widget-kinds.module.css";

export function TextWidget({ config, result, label }: WidgetProps) {
  const variables = useWidgetVariables(mentionsVariables(config));
  const user = useUserScope();
  const markdown = textOf(config, "markdown");
  const html = useMemo(
    () =>
      renderMarkdown(fillWords(markdown, { ...firstRowOf(result), vars: variables, user }, escapeMarkdown)),
    [markdown, result, variables, user],
  );
  if (!markdown.trim()) return <Hint text={t`No content yet.`} />;
  // The renderer escapes all HTML of the source and allows only links to the web, mail or this app.
  return (
    <Scroll className={classes.textScroll} label={label}>
      <div className={markdownClasses.text} dangerouslySetInnerHTML={{ __html: html }} />
    </Scroll>
  );
}
