import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Menu, Skeleton, Text, Tooltip } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { widgetKind } from "@/domain/widgets/kinds";
import { Problem } from "@/domain/widgets/kinds/actions/problem";
import { Hint } from "@/domain/widgets/kinds/hint";
import { drawsData, WidgetView } from "@/domain/widgets/kinds/widget-view";
import type { Widget } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/subjects/widgets";
import classes from "../dashboards.module.css";

interface ItemFrameProps {
  /** The key for the reader's own settings. */
  id: string;
  title: string;
  widget: Widget | undefined;
  result: WidgetData | null;
  error: unknown;
  loading: boolean;
  onRetry: () => void;
  /** Items of the menu in the corner. */
  menu?: React.ReactNode;
  /** Rendered before the title, for example the drag handle. */
  handle?: React.ReactNode;
}

/** Renders one widget of a dashboard in every state. */
export function ItemFrame({
  id,
  title,
  widget,
  result,
  error,
  loading,
  onRetry,
  menu,
  handle,
}: ItemFrameProps) {
  const kind = widget && widgetKind(widget.type);
  const bare = Boolean(kind?.bare) && !handle;
  return (
    <article className={classes.item} aria-label={title} aria-busy={loading} data-bare={bare || undefined}>
      {!bare && (
        <header className={classes.itemHead}>
          {handle}
          <h2 className={classes.itemTitle} title={title}>
            {title}
          </h2>
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
        <Body
          id={id}
          title={title}
          widget={widget}
          result={result}
          error={error}
          loading={loading}
          onRetry={onRetry}
        />
      </div>
    </article>
  );
}

function Body({ id, title, widget, result, error, loading, onRetry }: ItemFrameProps) {
  if (!widget) return <Hint text={t`This widget was deleted, or you do not have access to it.`} />;
  if (error) return <Problem error={error} onRetry={onRetry} />;
  if (!result && drawsData(widget.type, widget.config))
    return loading ? <Skeleton h="100%" /> : <Problem error={t`No data received.`} onRetry={onRetry} />;
  return <WidgetView type={widget.type} config={widget.config} result={result} label={title} id={id} />;
}
