import { ActionIcon, Button, Menu, Skeleton, Text, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconDots } from "@tabler/icons-react";
import { messageOf } from "@/lib/api/errors";
import type { Widget } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/widgets";
import { Hint } from "@/ui/widget-kinds/hint";
import { widgetKind } from "@/ui/widget-kinds/index";
import { WidgetView } from "@/ui/widget-kinds/widget-view";
import classes from "./dashboards.module.css";

interface ItemFrameProps {
  title: string;
  widget: Widget | undefined;
  result: WidgetData | null;
  error: unknown;
  loading: boolean;
  onRetry: () => void;
  /** Items of the menu in the corner. */
  menu?: React.ReactNode;
  /** Stands in front of the title, for example the handle to drag by. */
  handle?: React.ReactNode;
}

/** One widget on a dashboard, in every state it can be in. */
export function ItemFrame({ title, widget, result, error, loading, onRetry, menu, handle }: ItemFrameProps) {
  const bare = widget?.type === "text" && !handle;
  return (
    <article className={classes.item} aria-label={title} aria-busy={loading} data-bare={bare || undefined}>
      {!bare && (
        <header className={classes.itemHead}>
          {handle}
          <h2 className={classes.itemTitle} title={title}>
            {title}
          </h2>
          {result?.truncated && (
            <Tooltip label="The row limit of the query cut the rest off">
              <Text span size="xs" c="dimmed">
                cut off
              </Text>
            </Tooltip>
          )}
          {menu && (
            <Menu position="bottom-end" width={200}>
              <Menu.Target>
                <ActionIcon size="sm" className={classes.itemMenu} aria-label={`Actions of ${title}`}>
                  <IconDots size={16} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>{menu}</Menu.Dropdown>
            </Menu>
          )}
        </header>
      )}
      <div className={classes.itemBody} data-flush={widget?.type === "table" || undefined}>
        <Body title={title} widget={widget} result={result} error={error} loading={loading} onRetry={onRetry} />
      </div>
    </article>
  );
}

function Body({ title, widget, result, error, loading, onRetry }: ItemFrameProps) {
  if (!widget) return <Hint text="This widget has been deleted, or you may not see it." />;
  if (error) return <Failed error={error} onRetry={onRetry} />;
  if (!result && widgetKind(widget.type)?.hasData !== false) return loading ? <Skeleton h="100%" /> : <Failed error="No data came." onRetry={onRetry} />;
  return <WidgetView type={widget.type} config={widget.config} result={result} label={title} />;
}

function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div className={classes.failed} role="alert">
      <Text size="sm" className={classes.failedText}>
        <IconAlertTriangle size={15} aria-hidden />
        {messageOf(error)}
      </Text>
      <Button size="xs" variant="default" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
