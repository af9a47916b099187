import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Skeleton } from "@mantine/core";
import { Component, memo, Suspense, useMemo, type ReactNode } from "react";
import { messageOf } from "@/lib/api/errors";
import type { Column, JsonObject } from "@/lib/api/model";
import { rowsOf, textOf, type WidgetProps } from "./config";
import { missingColumns } from "./columns-used";
import { Hint } from "./hint";
import { useRowSelection } from "./use-selection";
import { widgetKind } from "./";
import classes from "./widget-kinds.module.css";

interface WidgetViewProps extends Omit<WidgetProps, "onSelect" | "isSelected"> {
  type: string;
}

/** Whether a widget needs data. */
export function drawsData(type: string, config: JsonObject): boolean {
  const data = widgetKind(type)?.data ?? "needed";
  return data === "needed" || (data === "optional" && textOf(config, "queryID") !== "");
}

/** Renders a widget's data, or says why there is nothing to show: again only if its own data or settings change. */
export const WidgetView = memo(function WidgetView({ type, ...props }: WidgetViewProps) {
  const { config, result, id } = props;
  const { rows, columns, missing } = useMemo(() => {
    const found = drawsData(type, config) ? rowsOf(result) : { rows: [], columns: [] };
    return { ...found, missing: missingColumns(type, config, found.columns) };
  }, [type, config, result]);
  const selection = useRowSelection(config, id, rows);
  const kind = widgetKind(type);
  if (!kind) return <Hint text={t`This version does not support the widget type “${type}”.`} />;
  if (missing.needed.length) return <Hint text={missingText(missing.needed, columns)} alert />;
  if (kind.data === "needed" && !kind.drawsEmpty && rows.length === 0) return <Hint text={t`No rows.`} />;
  const drawn = (
    <Suspense fallback={<Skeleton h="100%" mih={40} />}>
      <kind.Component {...props} {...selection} />
    </Suspense>
  );
  if (missing.wanted.length === 0) return <Guard key={type}>{drawn}</Guard>;
  return (
    <Guard key={type}>
      <p className={classes.missing} role="alert">
        {missingText(missing.wanted, columns)}
      </p>
      <div className={classes.besideMissing}>{drawn}</div>
    </Guard>
  );
});

/** The maximum number of columns to list. */
const TOLD = 12;

function missingText(missing: readonly string[], columns: readonly Column[]): string {
  const names = missing
    .slice(0, TOLD)
    .map((name) => `“${name}”`)
    .join(", ");
  const known = [
    ...columns.slice(0, TOLD).map(({ name }) => name),
    ...(columns.length > TOLD ? ["…"] : []),
  ].join(", ");
  return plural(missing.length, {
    one: `The data has no column ${names}. Available columns: ${known}.`,
    other: `The data has no columns ${names}. Available columns: ${known}.`,
  });
}

/** Keeps a widget's render error from breaking the page. */
class Guard extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <div className={classes.broken} role="alert">
        <span>
          <Trans>Could not show this widget: {messageOf(error)}</Trans>
        </span>
        <Button size="xs" variant="default" onClick={() => this.setState({ error: null })}>
          <Trans>Try again</Trans>
        </Button>
      </div>
    );
  }
}
