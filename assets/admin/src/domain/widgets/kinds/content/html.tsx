import { t } from "@lingui/core/macro";
import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { inks } from "../charts/chart-theme";
import { useUserScope } from "../actions/unresolved";
import { firstRowOf, mentionsVariables, textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import { useWidgetVariables } from "../host";
import classes from "../widget-kinds.module.css";
import { frameDocument } from "./frame-document";
import { useFrameFont } from "./frame-font";

/** Shows markup in a sandboxed frame without scripts, origin or access to this page. */
export function HtmlWidget({ config, result, label }: WidgetProps) {
  const scheme = useComputedColorScheme("light");
  const variables = useWidgetVariables(mentionsVariables(config));
  const user = useUserScope();
  const markup = textOf(config, "markup");
  const font = useFrameFont();
  const source = useMemo(
    () =>
      frameDocument(
        markup,
        { ...firstRowOf(result), vars: variables, user },
        { scheme, ink: inks[scheme], font },
      ),
    [markup, result, variables, user, scheme, font],
  );
  if (!markup.trim()) return <Hint text={t`No content yet.`} />;
  if (font === undefined) return null;
  return (
    <iframe
      className={classes.frame}
      title={label}
      sandbox="allow-popups allow-popups-to-escape-sandbox"
      referrerPolicy="no-referrer"
      srcDoc={source}
    />
  );
}
