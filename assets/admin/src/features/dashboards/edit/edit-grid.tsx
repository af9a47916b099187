import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Badge, Button, Menu, TextInput, Tooltip, UnstyledButton } from "@mantine/core";
import { useDisclosure, useElementSize } from "@mantine/hooks";
import {
  IconArrowsMove,
  IconBooks,
  IconCopy,
  IconEye,
  IconGripVertical,
  IconLayoutSidebarRight,
  IconSettings,
  IconTrash,
} from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { GridLayout } from "react-grid-layout";
import "react-grid-layout/css/styles.css";
import { WidgetHostProvider, type WidgetHost } from "@/domain/widgets/kinds/host";
import { useCan } from "@/lib/api/me";
import type {
  Breakpoint,
  DashboardDraft,
  DashboardItem,
  DashboardTab,
  DashboardVariable,
  JsonObject,
  LayoutItem,
  Widget,
} from "@/lib/api/model";
import { isEqual } from "@/lib/schema/merge-patch";
import type { FieldErrors } from "@/lib/schema/paths";
import {
  gridColumns,
  compact,
  GAP,
  inOrder,
  layoutFor,
  nudge,
  ROW,
  type Nudge,
} from "../board/layout/grid-layout";
import { ItemFrame } from "../board/item-frame";
import { moveItem } from "../board/layout/tabs";
import { sizeOfItem, titleOf } from "../board/view-grid";
import classes from "../dashboards.module.css";
import type { Contents } from "./contents";
import { duplicateItem, relayout, removeItem, retitle, setDrawer, setWhen } from "./edit-state";
import { ItemConditions } from "./item-conditions";
import { useItemData } from "./item-data";

interface EditGridProps {
  draft: DashboardDraft;
  /** The items that share the grid: those of one tab. */
  items: readonly DashboardItem[];
  breakpoint: Breakpoint;
  widgets: ReadonlyMap<string, Widget>;
  contents: Contents;
  variables: JsonObject;
  onChange: (draft: DashboardDraft, tag?: string) => void;
  onConfigure: (widgetID: string) => void;
  /** Moves a widget of the dashboard to the library. */
  onShare: (widgetID: string) => void;
  /** Returns the errors of a widget in the last save, by field. */
  refusedOf: (widgetID: string) => FieldErrors;
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
  contents,
  variables,
  onChange,
  onConfigure,
  onShare,
  refusedOf,
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
      choices: null,
      act: null,
      change: null,
      building: true,
    }),
    [variables],
  );
  const layout = useMemo(() => cells.map((cell) => ({ ...cell, minH: 1, minW: 1 })), [cells]);

  const settle = (next: readonly LayoutItem[]) => {
    const compacted = compact(next, columns);
    if (!isEqual(inOrder(compacted), inOrder(cells))) onChange(relayout(draft, breakpoint, compacted));
  };
  const { selectable, open } = useSelection(widgets, onConfigure);
  const onKey = (key: string, widgetID: string) => (event: React.KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault();
      return open(widgetID);
    }
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
              <div key={item.key} data-item={item.key} {...selectable(item)}>
                <EditItem
                  item={item}
                  widget={widgets.get(item.widgetID)}
                  isRefused={Object.keys(refusedOf(item.widgetID)).length > 0}
                  contents={contents}
                  variables={variables}
                  declared={draft.variables}
                  otherTabs={draft.tabs.filter(({ key }) => key !== item.tab)}
                  onKey={onKey(item.key, item.widgetID)}
                  onRetitle={(title) => onChange(retitle(draft, item.key, title), `title ${item.key}`)}
                  onConfigure={() => onConfigure(item.widgetID)}
                  onShare={() => onShare(item.widgetID)}
                  onDuplicate={() =>
                    onChange(duplicateItem(draft, item.key, layoutFor("lg", items, draft.layouts, sizeOf)))
                  }
                  onDrawer={(drawer) => onChange(setDrawer(draft, item.key, drawer))}
                  onWhen={(when) => onChange(setWhen(draft, item.key, when))}
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

/** Elements that handle clicks themselves. */
const CONTROLS = ["button", "a", "input", "textarea", "select", "label", "[role=menu]"].join();

/** Selects an item by a click or by its handle, and opens its settings by a double click. */
function useSelection(widgets: EditGridProps["widgets"], onConfigure: (widgetID: string) => void) {
  const can = useCan();
  const [selected, setSelected] = useState<string | null>(null);
  const open = (widgetID: string) => {
    if (widgets.has(widgetID) && can("widget:update")) onConfigure(widgetID);
  };
  const selectable = ({ key, widgetID }: DashboardItem) => ({
    "data-selected": key === selected || undefined,
    onFocus: () => setSelected(key),
    onClick: () => setSelected(key),
    onDoubleClick: ({ target, currentTarget }: React.MouseEvent) => {
      // Menus and dialogs of the item are elsewhere on the page.
      const isOnItem = target instanceof Element && currentTarget.contains(target);
      if (isOnItem && !target.closest(CONTROLS)) open(widgetID);
    },
  });
  return { selectable, open };
}

interface EditItemProps {
  item: DashboardItem;
  widget: Widget | undefined;
  contents: Contents;
  variables: JsonObject;
  declared: readonly DashboardVariable[];
  /** Whether the last save refused its settings. */
  isRefused: boolean;
  /** The tabs that the item can be moved to. */
  otherTabs: readonly DashboardTab[];
  onKey: (event: React.KeyboardEvent) => void;
  onRetitle: (title: string) => void;
  onConfigure: () => void;
  onShare: () => void;
  onDuplicate: () => void;
  onDrawer: (drawer: boolean) => void;
  onWhen: React.ComponentProps<typeof ItemConditions>["onChange"];
  onMove: (tab: string) => void;
  onRemove: () => void;
}

function EditItem({
  item,
  widget,
  contents,
  variables,
  declared,
  isRefused,
  otherTabs,
  onKey,
  onRetitle,
  onConfigure,
  onShare,
  onDuplicate,
  onDrawer,
  onWhen,
  onMove,
  onRemove,
}: EditItemProps) {
  const data = useItemData(item.widgetID, widget, contents, variables);
  const can = useCan();
  const title = titleOf(item, widget);
  const whenEditor = useWhenEditor();
  const isInDrawer = item.drawer === true;
  return (
    <ItemFrame
      id={item.key}
      title={title}
      widget={widget}
      result={data.result}
      error={data.error}
      loading={data.fetching}
      onRetry={data.refetch}
      handle={
        <UnstyledButton
          className={classes.grip}
          aria-label={t`Move ${title}`}
          aria-description={t`Use the arrow keys to move it, Shift+arrow keys to resize it, Enter to configure it`}
          title={t`Drag or use the arrow keys to move. Use Shift+arrow keys to resize.`}
          onKeyDown={onKey}
        >
          <IconGripVertical size={14} aria-hidden />
        </UnstyledButton>
      }
      marks={
        <>
          {isRefused && (
            <Button size="compact-xs" color="red" variant="light" flex="none" onClick={onConfigure}>
              <Trans>Check settings</Trans>
            </Button>
          )}
          <ItemMarks item={item} title={title} declared={declared} when={whenEditor} onWhen={onWhen} />
        </>
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
          {widget?.dashboardID && can("widget:update") && (
            <Menu.Item leftSection={<IconBooks size={16} />} onClick={onShare}>
              <Trans>Move to library</Trans>
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconLayoutSidebarRight size={16} />} onClick={() => onDrawer(!isInDrawer)}>
            {isInDrawer ? <Trans>Show on the dashboard</Trans> : <Trans>Show in a drawer</Trans>}
          </Menu.Item>
          <Menu.Item leftSection={<IconEye size={16} />} onClick={whenEditor.open}>
            <Trans>Show when…</Trans>
          </Menu.Item>
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

function useWhenEditor() {
  const [opened, { open, close }] = useDisclosure();
  return { opened, open, close };
}

interface ItemMarksProps extends Pick<EditItemProps, "item" | "declared" | "onWhen"> {
  title: string;
  when: ReturnType<typeof useWhenEditor>;
}

/** Says where and when an item is shown, and edits its conditions. */
function ItemMarks({ item, title, declared, when, onWhen }: ItemMarksProps) {
  return (
    <>
      {item.drawer === true && (
        <Mark text={t`Drawer`} about={t`Shown only in a drawer that a selected row or an action opens.`} />
      )}
      {Boolean(item.when?.length) && (
        <Mark text={t`Conditional`} about={t`Shown only if its conditions are met.`} />
      )}
      {when.opened && (
        <ItemConditions
          title={title}
          when={item.when}
          variables={declared}
          onChange={onWhen}
          onClose={when.close}
        />
      )}
    </>
  );
}

/** A remark in the head of an item that is edited. */
function Mark({ text, about }: { text: string; about: string }) {
  return (
    <Tooltip label={about}>
      <Badge size="sm" variant="default" tt="none" fw={400} style={{ flex: "none" }} tabIndex={0}>
        {text}
      </Badge>
    </Tooltip>
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
