import { t } from "@lingui/core/macro";
import { Drawer } from "@mantine/core";
import { useMemo, useState } from "react";
import { forgetForms, isUnsentForm } from "@/domain/widgets/kinds/actions/form/form-drafts";
import { readsRow, refusedForm } from "@/domain/widgets/kinds/actions/form/refused-form";
import { useRefusal } from "@/domain/widgets/kinds/actions/use-action";
import { WidgetDrawerProvider } from "@/domain/widgets/kinds/drawer";
import { useWidgetActions } from "@/domain/widgets/kinds/host";
import type { DashboardItem, Widget } from "@/lib/api/model";
import { rowName } from "@/lib/rows/row-name";
import classes from "./item-drawer.module.css";
import { ItemBody } from "./item-frame";
import type { OpenedItem } from "./use-openings";
import { DiscardInput } from "./use-protection";
import { titleOf, type BoardData } from "./view-grid";

interface ItemDrawerProps {
  opened: OpenedItem | null;
  items: readonly DashboardItem[];
  widgets: readonly Widget[];
  data: BoardData;
  onClose: () => void;
}

/** Shows an item in a drawer, for the row that opened it. */
export function ItemDrawer({ opened, items, widgets, data, onClose }: ItemDrawerProps) {
  const { clearSelection } = useWidgetActions();
  const refusalOf = useRefusal();
  const item = opened && items.find(({ key }) => key === opened.key);
  const widget = item ? widgets.find(({ id }) => id === item.widgetID) : undefined;
  const drawer = useMemo(() => ({ row: opened?.row, close: onClose }), [opened, onClose]);
  const [isAsking, setAsking] = useState(false);
  // Closing it means that the reader is done with the row.
  const dismiss = () => {
    onClose();
    clearSelection?.();
  };
  const close = () => (item && isUnsentForm(item.key) ? setAsking(true) : dismiss());
  const isReadOnly =
    (readsRow(widget) || opened?.row !== undefined) && refusedForm(widget, refusalOf) !== null;
  const title = !item ? "" : isReadOnly ? t`Details` : titleOf(item, widget);
  const { result = null, error = null } = (item && data.items[item.key]) ?? {};
  return (
    <Drawer
      opened={Boolean(item)}
      onClose={close}
      closeOnEscape={!isAsking}
      position="right"
      size={480}
      title={
        <>
          {title} {opened?.row && <span className={classes.row}>{rowName(opened.row)}</span>}
        </>
      }
      closeButtonProps={{ "aria-label": t`Close` }}
      classNames={{ content: classes.content ?? "", body: classes.body ?? "" }}
    >
      {item && (
        <div>
          <WidgetDrawerProvider value={drawer}>
            <ItemBody
              id={item.key}
              title={title}
              widget={widget}
              // What belongs to another row is not shown.
              result={data.isCurrent(item.key) ? result : null}
              error={data.isCurrent(item.key) ? error : null}
              loading={data.loading || !data.isCurrent(item.key)}
              onRetry={data.refresh}
            />
          </WidgetDrawerProvider>
        </div>
      )}
      {item && isAsking && (
        <DiscardInput
          titles={`“${title}”`}
          onClose={() => setAsking(false)}
          onDiscard={() => {
            forgetForms([item.key]);
            dismiss();
          }}
        />
      )}
    </Drawer>
  );
}
