import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Menu, Skeleton, Text, Tooltip } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useMemo } from "react";
import { widgetKind } from "@/domain/widgets/kinds";
import { Problem } from "@/domain/widgets/kinds/actions/problem";
import { useMissingText } from "@/domain/widgets/kinds/actions/unresolved";
import { rowsOf } from "@/domain/widgets/kinds/config";
import { Hint } from "@/domain/widgets/kinds/hint";
import { useWidgetActions, useWidgetVariables } from "@/domain/widgets/kinds/host";
import { drawsData, WidgetView } from "@/domain/widgets/kinds/widget-view";
import type { Widget } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/subjects/widgets";
import { variablesIn } from "@/lib/templates/templates";
import classes from "../dashboards.module.css";

interface ItemFrameProps {
  /** The key for the reader's own settings. */
  id: string;
  title: string;
  widget: Widget | undefined;
  result: WidgetData | null;
  error: unknown;
  loading: boolean;
  /** Whether the data belongs to earlier values of the variables. */
  isStale?: boolean;
  onRetry: () => void;
  /** Items of the menu in the corner. */
  menu?: React.ReactNode;
  /** Rendered before the title, for example the drag handle. */
  handle?: React.ReactNode;
  /** Remarks after the title. */
  marks?: React.ReactNode;
}

/** Renders one widget of a dashboard in every state. */
export function ItemFrame({
  id,
  title,
  widget,
  result,
  error,
  loading,
  isStale = false,
  onRetry,
  menu,
  handle,
  marks,
}: ItemFrameProps) {
  const kind = widget && widgetKind(widget.type);
  const isBare = typeof kind?.bare === "function" ? kind.bare(widget?.config ?? {}, title) : kind?.bare;
  const bare = Boolean(isBare) && !handle;
  return (
    <article
      className={classes.item}
      aria-label={title}
      aria-busy={loading}
      data-bare={bare || undefined}
      data-bare-edit={(Boolean(isBare) && !bare) || undefined}
    >
      {!bare && (
        <header className={classes.itemHead}>
          {handle}
          <h2 className={classes.itemTitle} title={title}>
            {title}
          </h2>
          {marks}
          {result?.truncated && widget?.config["serverPaging"] !== true && (
            <Tooltip label={t`Truncated by the query’s row limit`}>
              <Text span size="xs" c="dimmed">
                <Trans>truncated</Trans>
              </Text>
            </Tooltip>
          )}
          {menu && (
            <Menu position="bottom-end" width={200}>
              <Menu.Target>
                <ActionIcon size="sm" className={classes.itemMenu} aria-label={t`Actions of ${title}`}>
                  <IconDots size={16} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>{menu}</Menu.Dropdown>
            </Menu>
          )}
        </header>
      )}
      <div className={classes.itemBody} data-flush={kind?.flush || undefined}>
        <ItemBody
          id={id}
          title={title}
          widget={widget}
          result={result}
          error={error}
          loading={loading}
          isStale={isStale}
          onRetry={onRetry}
        />
      </div>
    </article>
  );
}

/** The content of an item, without its frame. */
export function ItemBody({
  id,
  title,
  widget,
  result,
  error,
  loading,
  isStale = false,
  onRetry,
}: ItemFrameProps) {
  const waiting = useWaiting(widget);
  const missing = useMissingText(error);
  if (!widget) return <Hint text={t`This widget was deleted, or you do not have access to it.`} />;
  // An input or a form says itself what it waits for.
  const isEmpty = error || !result || rowsOf(result).rows.length === 0;
  if (waiting && isEmpty && widgetKind(widget.type)?.data === "needed") return <Hint text={waiting} />;
  const { type, config } = widget;
  if ((waiting || missing) && error && type === "form")
    return <WidgetView type={type} config={config} result={null} label={title} id={id} />;
  if (missing) return <Hint text={missing} />;
  if (error) return <Problem error={error} onRetry={onRetry} />;
  if (!result && drawsData(type, config))
    return loading ? <Skeleton h="100%" /> : <Problem error={t`No data received.`} onRetry={onRetry} />;
  return <WidgetView type={type} config={config} result={result} label={title} id={id} isStale={isStale} />;
}

/** Returns what a widget waits for whose query gets the value of a row that is not selected yet. */
function useWaiting(widget: Widget | undefined): string | null {
  const { setterOf } = useWidgetActions();
  const parameters = widget?.config["parameters"];
  const names = useMemo(() => variablesIn(parameters), [parameters]);
  const variables = useWidgetVariables(names.length > 0);
  const unset = names.filter((name) => variables[name] === null || variables[name] === undefined);
  const setter = unset.map((name) => setterOf?.(name)).find((one) => one?.by === "row");
  return setter ? t`Select a row in “${setter.title}”.` : null;
}
