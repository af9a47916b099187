import { Menu } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconDownload, IconExternalLink } from "@tabler/icons-react";
import { useMemo } from "react";
import { Link } from "react-router";
import { useCan } from "@/lib/api/me";
import type { Dashboard, DashboardItem, Widget } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/widgets";
import { toCsv } from "@/lib/csv";
import { saveBlob } from "@/lib/download";
import { useTenantLink } from "@/lib/tenant";
import { rowsOf } from "@/ui/widget-kinds/config";
import { widgetKind } from "@/ui/widget-kinds/index";
import classes from "./dashboards.module.css";
import { ItemFrame } from "./item-frame";
import { breakpointOf, columnsOf, inOrder, layoutFor, ROW, type Size } from "./layout";
import type { LiveData } from "./live-data";

export const titleOf = (item: DashboardItem, widget: Widget | undefined): string => item.title || widget?.name || "Widget";

/** What a new cell of an item measures. */
export function sizeOfItem(widgets: ReadonlyMap<string, Widget>): (item: DashboardItem) => Size {
  return ({ widgetID }) => widgetKind(widgets.get(widgetID)?.type ?? "")?.size ?? { w: 4, h: 4 };
}

/** The widgets at their places, for looking at. */
export function ViewGrid({ dashboard, data }: { dashboard: Dashboard; data: LiveData & { refresh: () => void } }) {
  const { ref, width } = useElementSize();
  const widgets = useMemo(() => new Map(dashboard.widgets?.map((widget) => [widget.id, widget])), [dashboard.widgets]);
  const breakpoint = breakpointOf(width);
  const cells = useMemo(() => inOrder(layoutFor(breakpoint, dashboard.items, dashboard.layouts, sizeOfItem(widgets))), [breakpoint, dashboard.items, dashboard.layouts, widgets]);
  return (
    <div ref={ref} className={classes.grid} style={{ gridTemplateColumns: `repeat(${columnsOf[breakpoint]}, minmax(0, 1fr))`, gridAutoRows: ROW }}>
      {width > 0 &&
        cells.map(({ i, x, y, w, h }) => {
          const item = dashboard.items.find(({ key }) => key === i);
          if (!item) return null;
          const widget = widgets.get(item.widgetID);
          const { result = null, error = null } = data.items[i] ?? {};
          const title = titleOf(item, widget);
          return (
            <div key={i} style={{ gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}`, minWidth: 0 }}>
              <ItemFrame id={i} title={title} widget={widget} result={result} error={error ?? (result ? null : data.error)} loading={data.loading} onRetry={data.refresh} menu={<ItemActions title={title} widget={widget} result={result} />} />
            </div>
          );
        })}
    </div>
  );
}

function ItemActions({ title, widget, result }: { title: string; widget: Widget | undefined; result: WidgetData | null }) {
  const can = useCan();
  const link = useTenantLink();
  const save = () => {
    const { rows, columns } = rowsOf(result);
    saveBlob(new Blob([toCsv(columns, rows)], { type: "text/csv;charset=utf-8" }), `${title.replace(/[^\w.-]+/g, "-")}.csv`);
  };
  return (
    <>
      <Menu.Item disabled={!result} leftSection={<IconDownload size={16} />} onClick={save}>
        Download as CSV
      </Menu.Item>
      {widget && can("widget:read") && (
        <Menu.Item component={Link} to={link("widgets", widget.id)} leftSection={<IconExternalLink size={16} />}>
          Open the widget
        </Menu.Item>
      )}
    </>
  );
}
