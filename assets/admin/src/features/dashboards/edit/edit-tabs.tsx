import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Menu, TextInput, UnstyledButton } from "@mantine/core";
import {
  IconArrowLeft,
  IconArrowRight,
  IconDots,
  IconPencil,
  IconPlus,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import type { DashboardDraft, DashboardTab } from "@/lib/api/model";
import type { FieldErrors } from "@/lib/schema/paths";
import { useMenuFocus } from "@/ui/menu-focus";
import { addTab, itemsOn, MAX_TABS, moveTab, removeTab, renameTab } from "../board/layout/tabs";
import classes from "./edit-tabs.module.css";

interface EditTabsProps {
  draft: DashboardDraft;
  /** The key of the tab that is edited; null if there are none. */
  tab: string | null;
  errors: FieldErrors;
  onTab: (key: string) => void;
  onChange: (draft: DashboardDraft) => void;
}

/** The editable row of tabs: add, rename, reorder and remove. */
export function EditTabs({ draft, tab, errors, onTab, onChange }: EditTabsProps) {
  const [naming, setNaming] = useState<string | null>(null);
  const [doomed, setDoomed] = useState<DashboardTab | null>(null);
  const { tabs } = draft;
  const index = tabs.findIndex(({ key }) => key === tab);
  const current = tabs[index];
  const add = () => {
    const added = addTab(draft);
    onChange(added.draft);
    onTab(added.key);
    setNaming(added.key);
  };
  const remove = (doomedTab: DashboardTab) => {
    onTab((tabs[index + 1] ?? tabs[index - 1])?.key ?? "");
    onChange(removeTab(draft, doomedTab.key));
  };
  // The last tab leaves its items where they are, so there is nothing to confirm.
  const askToRemove = (one: DashboardTab) =>
    tabs.length > 1 && itemsOn(draft.items, one.key).length > 0 ? setDoomed(one) : remove(one);
  const title = doomed?.title ?? null;
  const lost = doomed ? itemsOn(draft.items, doomed.key).length : 0;
  return (
    <div className={classes.row}>
      {tabs.length > 0 && (
        <ul className={classes.tabs} aria-label={t`Dashboard tabs`}>
          {tabs.map((one, at) => (
            <EditTab
              key={one.key}
              tab={one}
              current={one === current}
              naming={naming === one.key}
              invalid={Object.keys(errors).some((path) => path.startsWith(`tabs[${at}]`))}
              onOpen={() => onTab(one.key)}
              onName={() => setNaming(one.key)}
              onNamed={(title) => {
                setNaming(null);
                if (title !== null && title.trim() !== one.title) onChange(renameTab(draft, one.key, title));
              }}
              onDrop={(key) => onChange(moveTab(draft, key, at))}
            />
          ))}
        </ul>
      )}
      {current && (
        <TabMenu
          tab={current}
          at={index}
          count={tabs.length}
          onRename={() => setNaming(current.key)}
          onMove={(to) => onChange(moveTab(draft, current.key, to))}
          onRemove={() => askToRemove(current)}
        />
      )}
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        className={classes.add}
        leftSection={<IconPlus size={14} />}
        disabled={tabs.length >= MAX_TABS}
        onClick={add}
      >
        <Trans>Add tab</Trans>
      </Button>
      <ConfirmDelete
        verb={t`Remove`}
        name={title}
        title={t`Remove tab?`}
        consequence={plural(lost, {
          one: `Removes the tab “${title}” and the # widget on it. You can undo this.`,
          other: `Removes the tab “${title}” and the # widgets on it. You can undo this.`,
        })}
        onClose={() => setDoomed(null)}
        onDelete={() => {
          if (doomed) remove(doomed);
          return Promise.resolve();
        }}
      />
    </div>
  );
}

interface EditTabProps {
  tab: DashboardTab;
  current: boolean;
  naming: boolean;
  invalid: boolean;
  onOpen: () => void;
  onName: () => void;
  /** Called with null when the name stays. */
  onNamed: (title: string | null) => void;
  /** Called when the tab with this key was dropped on it. */
  onDrop: (key: string) => void;
}

const DRAGGED = "application/x-jet-tab";

function EditTab({ tab, current, naming, invalid, onOpen, onName, onNamed, onDrop }: EditTabProps) {
  const [over, setOver] = useState(false);
  if (naming)
    return (
      <li>
        <TitleInput title={tab.title} onDone={onNamed} />
      </li>
    );
  return (
    <li
      data-over={over || undefined}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(DRAGGED)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        onDrop(event.dataTransfer.getData(DRAGGED));
      }}
    >
      <UnstyledButton
        className={classes.tab}
        draggable
        aria-current={current ? "page" : undefined}
        data-invalid={invalid || undefined}
        title={t`Double-click or press F2 to rename. Drag to reorder.`}
        onClick={onOpen}
        onDoubleClick={onName}
        onKeyDown={(event) => event.key === "F2" && onName()}
        onDragStart={(event) => {
          event.dataTransfer.setData(DRAGGED, tab.key);
          event.dataTransfer.effectAllowed = "move";
        }}
      >
        {tab.title}
      </UnstyledButton>
    </li>
  );
}

function TitleInput({ title, onDone }: { title: string; onDone: (title: string | null) => void }) {
  const [text, setText] = useState(title);
  return (
    <TextInput
      size="xs"
      aria-label={t`Tab name`}
      value={text}
      maxLength={60}
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => onDone(text)}
      onKeyDown={(event) => {
        if (event.key === "Enter") onDone(text);
        if (event.key === "Escape") onDone(null);
      }}
    />
  );
}

interface TabMenuProps {
  tab: DashboardTab;
  at: number;
  count: number;
  onRename: () => void;
  onMove: (to: number) => void;
  onRemove: () => void;
}

function TabMenu({ tab, at, count, onRename, onMove, onRemove }: TabMenuProps) {
  const focus = useMenuFocus();
  return (
    <Menu position="bottom-start" width={200} {...focus}>
      <Menu.Target>
        <ActionIcon size={28} aria-label={t`Actions of the tab ${tab.title}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={onRename}>
          <Trans>Rename</Trans>
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowLeft size={16} />}
          disabled={at === 0}
          onClick={() => onMove(at - 1)}
        >
          <Trans>Move left</Trans>
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowRight size={16} />}
          disabled={at === count - 1}
          onClick={() => onMove(at + 1)}
        >
          <Trans>Move right</Trans>
        </Menu.Item>
        <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={onRemove}>
          {count > 1 ? t`Remove tab` : t`Remove tabs`}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
