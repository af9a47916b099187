import { t } from "@lingui/core/macro";
import { useElementSize } from "@mantine/hooks";
import { memo, useMemo } from "react";
import { widgetKind } from "@/domain/widgets/kinds";
import { drawsData } from "@/domain/widgets/kinds/widget-view";
import type { Dashboard, DashboardItem, Widget } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/subjects/widgets";
import { notify } from "@/ui/feedback/notify";
import classes from "../dashboards.module.css";
import { ItemFrame } from "./item-frame";
import { breakpointOf, GAP, gridColumns, inOrder, layoutFor, ROW, type CellSize } from "./layout/grid-layout";
import type { ItemData, LiveData } from "./live-data";

export const titleOf = (item: DashboardItem, widget: Widget | undefined): string =>
  item.title || widget?.name || t`Widget`;

/** The size of a new cell. */
export function sizeOfItem(widgets: ReadonlyMap<string, Widget>): (item: DashboardItem) => CellSize {
  return ({ widgetID }) => widgetKind(widgets.get(widgetID)?.type ?? "")?.size ?? { w: 4, h: 4 };
}

const frameOf = (key: string): HTMLElement | null =>
  document.querySelector<HTMLElement>(`[data-item="${CSS.escape(key)}"]`);

/** What an item's menu is for. */
export interface ItemMenuProps {
  /** The key of the item. */
  id: string;
  title: string;
  widget: Widget | undefined;
  result: WidgetData | null;
  onRefresh: () => void;
  /** The element that shows it. */
  frame: () => HTMLElement | null;
}

export type ItemMenu = (item: ItemMenuProps) => React.ReactNode;

/** The data of the items, and how to load it again. */
export type BoardData = LiveData & {
  refresh: () => void;
  refreshItem: (key: string) => Promise<void>;
  isCurrent: (key: string) => boolean;
};

interface ViewGridProps {
  items: readonly DashboardItem[];
  layouts: Dashboard["layouts"];
  widgets: readonly Widget[];
  data: BoardData;
  menu: ItemMenu;
}

/** Shows the widgets of a dashboard in their layout. */
export function ViewGrid({ items, layouts, widgets: drawn, data, menu }: ViewGridProps) {
  const { ref, width } = useElementSize();
  const breakpoint = breakpointOf(width);
  const isPhone = breakpoint === "sm";
  const widgets = useMemo(() => new Map(drawn.map((widget) => [widget.id, widget])), [drawn]);
  const cells = useMemo(
    () => inOrder(layoutFor(breakpoint, items, layouts, sizeOfItem(widgets))),
    [breakpoint, items, layouts, widgets],
  );
  return (
    <div
      ref={ref}
      className={classes.grid}
      data-phone={isPhone || undefined}
      style={{
        gridTemplateColumns: `repeat(${gridColumns[breakpoint]}, minmax(0, 1fr))`,
        gridAutoRows: isPhone ? "auto" : ROW,
      }}
    >
      {width > 0 &&
        cells.map(({ i, x, y, w, h }) => {
          const item = items.find(({ key }) => key === i);
          if (!item) return null;
          const widget = widgets.get(item.widgetID);
          return (
            <div
              key={i}
              data-item={i}
              style={{
                gridColumn: `${x + 1} / span ${w}`,
                gridRow: `${y + 1} / span ${h}`,
                minWidth: 0,
                // Forms, and items that wait for a row, are as high as what they show: see the style sheet.
                ...(isPhone ? { "--item-height": `${h * ROW + (h - 1) * GAP}px` } : {}),
              }}
            >
              <ViewItem
                id={i}
                title={titleOf(item, widget)}
                widget={widget}
                data={data.items[i]}
                failure={data.items[i]?.result ? null : data.error}
                loading={data.loading}
                isStale={
                  widget?.type === "form" && drawsData(widget.type, widget.config) && !data.isCurrent(i)
                }
                refresh={data.refresh}
                refreshItem={data.refreshItem}
                menu={menu}
              />
            </div>
          );
        })}
    </div>
  );
}

interface ViewItemProps {
  id: string;
  title: string;
  widget: Widget | undefined;
  data: ItemData | undefined;
  /** Why there is no data of any item. */
  failure: unknown;
  loading: boolean;
  isStale: boolean;
  refresh: () => void;
  refreshItem: (key: string) => Promise<void>;
  menu: ItemMenu;
}

/** Drawn again only if its own data changes. */
const ViewItem = memo(function ViewItem(props: ViewItemProps) {
  const { id, title, widget, data, failure, loading, isStale, refresh, refreshItem, menu } = props;
  const { result = null, error = null } = data ?? {};
  const onRefresh = () => void refreshItem(id).catch((reason: unknown) => notify.failed(reason, title));
  return (
    <ItemFrame
      id={id}
      title={title}
      widget={widget}
      result={result}
      error={error ?? (result ? null : failure)}
      loading={loading}
      isStale={isStale}
      onRetry={refresh}
      menu={menu({ id, title, widget, result, onRefresh, frame: () => frameOf(id) })}
    />
  );
});
