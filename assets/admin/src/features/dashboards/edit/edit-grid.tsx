import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Menu, TextInput, UnstyledButton } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconArrowsMove, IconCopy, IconGripVertical, IconSettings, IconTrash } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { GridLayout } from "react-grid-layout";
import "react-grid-layout/css/styles.css";
import { WidgetHostProvider, type WidgetHost } from "@/domain/widgets/kinds/host";
import { drawsData } from "@/domain/widgets/kinds/widget-view";
import { useCan } from "@/lib/api/me";
import type {
  Breakpoint,
  DashboardDraft,
  DashboardItem,
  DashboardTab,
  JsonObject,
  LayoutItem,
  Widget,
} from "@/lib/api/model";
import { useWidgetData } from "@/lib/api/subjects/widgets";
import { isEqual } from "@/lib/schema/merge-patch";
import { gridColumns, compact, GAP, inOrder, layoutFor, nudge, ROW, type Nudge } from "../board/grid-layout";
import { ItemFrame } from "../board/item-frame";
import { moveItem } from "../board/tabs";
import { sizeOfItem, titleOf } from "../board/view-grid";
import classes from "../dashboards.module.css";
import { duplicateItem, relayout, removeItem, retitle } from "./edit-state";

interface EditGridProps {
  draft: DashboardDraft;
  /** The items that share the grid: those of one tab. */
  items: readonly DashboardItem[];
  breakpoint: Breakpoint;
  widgets: ReadonlyMap<string, Widget>;
  variables: JsonObject;
  onChange: (draft: DashboardDraft, tag?: string) => void;
  onConfigure: (widgetID: string) => void;
}

const arrows: Record<string, [plain: Nudge, shifted: Nudge]> = {
  ArrowLeft: ["left", "narrower"],
  ArrowRight: ["right", "wider"],
  ArrowUp: ["up", "shorter"],
  ArrowDown: ["down", "taller"],
};

/** The editable grid of widgets: drag, resize, rename and remove, also with the keyboard. */
export function EditGrid({
  draft,
  items,
  breakpoint,
  widgets,
  variables,
  onChange,
  onConfigure,
}: EditGridProps) {
  const { ref, width } = useElementSize();
  const sizeOf = useMemo(() => sizeOfItem(widgets), [widgets]);
  const cells = useMemo(
    () => layoutFor(breakpoint, items, draft.layouts, sizeOf),
    [breakpoint, items, draft.layouts, sizeOf],
  );
  const columns = gridColumns[breakpoint];
  const host = useMemo<WidgetHost>(
    () => ({
      variables,
      setVariables: null,
      refresh: () => undefined,
      readPage: null,
      act: null,
      building: true,
    }),
    [variables],
  );
  const layout = useMemo(() => cells.map((cell) => ({ ...cell, minH: 1, minW: 1 })), [cells]);

  const settle = (next: readonly LayoutItem[]) => {
    const compacted = compact(next, columns);
    if (!isEqual(inOrder(compacted), inOrder(cells))) onChange(relayout(draft, breakpoint, compacted));
  };
  const onKey = (key: string) => (event: React.KeyboardEvent) => {
    const steps = arrows[event.key];
    if (!steps) return;
    event.preventDefault();
    onChange(
      relayout(draft, breakpoint, nudge(cells, key, steps[event.shiftKey ? 1 : 0], columns)),
      `nudge ${key}`,
    );
  };

  return (
    <WidgetHostProvider value={host}>
      <div ref={ref} className={classes.editGrid} data-phone={breakpoint === "sm" || undefined}>
        {width > 0 && (
          <GridLayout
            width={width}
            layout={layout}
            gridConfig={{ cols: columns, rowHeight: ROW, margin: [GAP, GAP], containerPadding: [0, 0] }}
            dragConfig={{ handle: `.${classes.grip}`, allowMobileScroll: true }}
            resizeConfig={{ handles: ["se"] }}
            onDragStop={(next) => settle(next)}
            onResizeStop={(next) => settle(next)}
          >
            {items.map((item) => (
              <div key={item.key} data-item={item.key}>
                <EditItem
                  item={item}
                  widget={widgets.get(item.widgetID)}
                  variables={variables}
                  otherTabs={draft.tabs.filter(({ key }) => key !== item.tab)}
                  onKey={onKey(item.key)}
                  onRetitle={(title) => onChange(retitle(draft, item.key, title), `title ${item.key}`)}
                  onConfigure={() => onConfigure(item.widgetID)}
                  onDuplicate={() =>
                    onChange(duplicateItem(draft, item.key, layoutFor("lg", items, draft.layouts, sizeOf)))
                  }
                  onMove={(tab) => onChange(moveItem(draft, item.key, tab, sizeOf))}
                  onRemove={() => onChange(removeItem(draft, item.key))}
                />
              </div>
            ))}
          </GridLayout>
        )}
      </div>
    </WidgetHostProvider>
  );
}

interface EditItemProps {
  item: DashboardItem;
  widget: Widget | undefined;
  variables: JsonObject;
  /** The tabs that the item can be moved to. */
  otherTabs: readonly DashboardTab[];
  onKey: (event: React.KeyboardEvent) => void;
  onRetitle: (title: string) => void;
  onConfigure: () => void;
  onDuplicate: () => void;
  onMove: (tab: string) => void;
  onRemove: () => void;
}

function EditItem({
  item,
  widget,
  variables,
  otherTabs,
  onKey,
  onRetitle,
  onConfigure,
  onDuplicate,
  onMove,
  onRemove,
}: EditItemProps) {
  const hasData = widget !== undefined && drawsData(widget.type, widget.config);
  const data = useWidgetData(item.widgetID, variables, { enabled: hasData });
  const can = useCan();
  const title = titleOf(item, widget);
  return (
    <ItemFrame
      id={item.key}
      title={title}
      widget={widget}
      result={data.data ?? null}
      error={data.error}
      loading={data.isFetching}
      onRetry={() => void data.refetch()}
      handle={
        <UnstyledButton
          className={classes.grip}
          aria-label={t`Move ${title}`}
          aria-description={t`Use the arrow keys to move it, Shift+arrow keys to resize it`}
          title={t`Drag or use the arrow keys to move. Use Shift+arrow keys to resize.`}
          onKeyDown={onKey}
        >
          <IconGripVertical size={14} aria-hidden />
        </UnstyledButton>
      }
      menu={
        <>
          <TitleField title={item.title ?? ""} placeholder={widget?.name ?? ""} onRetitle={onRetitle} />
          <Menu.Divider />
          {widget && can("widget:update") && (
            <Menu.Item leftSection={<IconSettings size={16} />} onClick={onConfigure}>
              <Trans>Configure</Trans>
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconCopy size={16} />} onClick={onDuplicate}>
            <Trans>Duplicate</Trans>
          </Menu.Item>
          {otherTabs.length > 0 && (
            <Menu.Sub>
              <Menu.Sub.Target>
                <Menu.Sub.Item leftSection={<IconArrowsMove size={16} />}>
                  <Trans>Move to tab</Trans>
                </Menu.Sub.Item>
              </Menu.Sub.Target>
              <Menu.Sub.Dropdown mah={280} style={{ overflow: "auto" }}>
                {otherTabs.map(({ key, title: words }) => (
                  <Menu.Item key={key} onClick={() => onMove(key)}>
                    {words}
                  </Menu.Item>
                ))}
              </Menu.Sub.Dropdown>
            </Menu.Sub>
          )}
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={onRemove}>
            <Trans>Remove from dashboard</Trans>
          </Menu.Item>
        </>
      }
    />
  );
}

function TitleField({
  title,
  placeholder,
  onRetitle,
}: {
  title: string;
  placeholder: string;
  onRetitle: (title: string) => void;
}) {
  const [text, setText] = useState(title);
  return (
    <TextInput
      size="xs"
      p={8}
      label={t`Title on this dashboard`}
      placeholder={placeholder}
      maxLength={255}
      value={text}
      // The menu's own keys would treat letters as a jump to an item.
      onKeyDown={(event) => event.key !== "Escape" && event.key !== "Tab" && event.stopPropagation()}
      onChange={(event) => {
        setText(event.currentTarget.value);
        onRetitle(event.currentTarget.value);
      }}
    />
  );
}
