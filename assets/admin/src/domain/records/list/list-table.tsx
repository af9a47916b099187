import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Checkbox, Skeleton, Table, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconDots, IconPencil } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import type { Kind, RecordOf } from "@/lib/api/resources";
import { rovingRow, useRovingRows } from "@/ui/data-grid/roving-rows";
import { TagMarks } from "../tags/tag-marks";
import classes from "../resource-list.module.css";
import { ActionMenu, type RecordAction } from "../menu/action-menu";
import { RenameInput, useMayRename } from "./rename-input";

export interface ListColumn<R> {
  label: string;
  render: (record: R) => React.ReactNode;
  /** Shown after the link of the first column, such as a mark. */
  beside?: (record: R) => React.ReactNode;
  /** The server's name of the field, if the list can be sorted by it. */
  sortBy?: string;
  align?: "left" | "right";
  width?: number | string;
  /** Hidden where the list is narrow; with "phone" only where it is as narrow as a phone. */
  secondary?: boolean | "phone";
}

const hiding = (secondary: ListColumn<unknown>["secondary"]) =>
  secondary === "phone" ? classes.roomy : secondary ? classes.secondary : undefined;

export interface ListTableProps<K extends Kind> {
  kind: K;
  noun: [one: string, many: string];
  columns: ListColumn<RecordOf<K>>[];
  rowKey?: (record: RecordOf<K>) => string;
  /** The target of the first column's link. */
  to?: (record: RecordOf<K>) => string;
  actions?: (record: RecordOf<K>) => RecordAction[];
  items: RecordOf<K>[] | undefined;
  sort: string;
  onSort: (sort: string) => void;
  /** The ids of the selected rows, if rows can be selected. */
  chosen?: ReadonlySet<string>;
  onChoose?: (ids: ReadonlySet<string>) => void;
}

/** The rows of a list, with their selection, names to edit, and menus. */
export function ListTable<K extends Kind>(props: ListTableProps<K>) {
  const { columns, noun, items, sort, onSort, rowKey, to, actions, chosen, onChoose } = props;
  const table = useRef<HTMLTableElement>(null);
  const roving = useRovingRows(table, { count: items?.length ?? 0 });
  const ids = (items ?? []).map((record) => (record as { id: string }).id);
  const isAll = ids.length > 0 && ids.every((id) => chosen?.has(id));
  const isSome = ids.some((id) => chosen?.has(id));
  return (
    <Table.ScrollContainer
      minWidth={0}
      className={classes.scroll ?? ""}
      // With rows that are links, the focus is on one of them.
      scrollAreaProps={to && ids.length ? {} : { viewportProps: { tabIndex: 0 } }}
    >
      <Table ref={table} {...roving} withRowBorders={false} className={classes.table} aria-label={noun[1]}>
        <Table.Thead>
          <Table.Tr>
            {chosen && onChoose && (
              <Table.Th w={36} className={classes.check}>
                <Checkbox
                  size="xs"
                  aria-label={t`Select all`}
                  checked={isAll}
                  indeterminate={isSome && !isAll}
                  onChange={() => onChoose(new Set(isAll ? [] : ids))}
                />
              </Table.Th>
            )}
            {columns.map((column) => (
              <SortableHeader key={column.label} column={column} sort={sort} onSort={onSort} />
            ))}
            {actions && (
              <Table.Th w={44}>
                <VisuallyHidden>
                  <Trans>Actions</Trans>
                </VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items?.map((record, index) => (
            <Row
              key={rowKey ? rowKey(record) : (record as { id: string }).id}
              {...props}
              record={record}
              index={index}
              ids={ids}
            />
          )) ?? <SkeletonRows columns={columns.length + (actions ? 1 : 0) + (chosen ? 1 : 0)} />}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

type RowProps<K extends Kind> = ListTableProps<K> & {
  record: RecordOf<K>;
  index: number;
  /** The ids of all rows, in order. */
  ids: readonly string[];
};

/** The row that was selected last: Shift extends the selection from there. */
let last: string | null = null;

/** Whether a click is meant for the row: not for a control in it, a dialog of it, or the end of a selection of text. */
function isOnRow(event: React.MouseEvent): boolean {
  const { target, currentTarget } = event;
  // With a modifier, browsers open links elsewhere or extend a selection.
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return false;
  if (!(target instanceof Element) || !currentTarget.contains(target)) return false;
  return !target.closest("a, button, input, label") && !getSelection()?.toString();
}

function Row<K extends Kind>(props: RowProps<K>) {
  const { kind, record, index: at, ids, columns, to, actions, chosen, onChoose } = props;
  const mayRename = useMayRename(kind);
  const navigate = useNavigate();
  const [isRenaming, setIsRenaming] = useState(false);
  const row = useRef<HTMLTableRowElement>(null);
  const { id, name } = record as { id: string; name: string };
  const rename = { label: t`Rename`, icon: <IconPencil size={16} />, onClick: () => setIsRenaming(true) };
  const choose = (isExtended: boolean) => {
    if (!chosen || !onChoose) return;
    const from = isExtended && last !== null ? ids.indexOf(last) : -1;
    const range = from < 0 ? [id] : ids.slice(Math.min(from, at), Math.max(from, at) + 1);
    const next = new Set(chosen);
    for (const one of range) {
      if (chosen.has(id)) next.delete(one);
      else next.add(one);
    }
    last = id;
    onChoose(next);
  };
  return (
    <Table.Tr
      ref={row}
      {...rovingRow(at)}
      data-chosen={chosen?.has(id) || undefined}
      style={to && { cursor: "pointer" }}
      onClick={(event) => {
        if (to && isOnRow(event)) void navigate(to(record));
      }}
      onKeyDown={(event) => {
        if (event.key !== "F2" || !mayRename || isRenaming) return;
        event.preventDefault();
        setIsRenaming(true);
      }}
    >
      {chosen && onChoose && (
        <Table.Td className={classes.check}>
          <Checkbox
            size="xs"
            aria-label={t`Select ${name}`}
            checked={chosen.has(id)}
            onChange={(event) => choose((event.nativeEvent as MouseEvent).shiftKey === true)}
          />
        </Table.Td>
      )}
      {columns.map((column, index) => (
        <Table.Td key={column.label} ta={column.align ?? "left"} className={hiding(column.secondary)}>
          {index === 0 && isRenaming ? (
            <RenameInput
              kind={kind}
              record={record as { id: string; name: string; version?: number }}
              onEnd={() => {
                setIsRenaming(false);
                // The link exists again after this render.
                setTimeout(() => row.current?.querySelector("a")?.focus());
              }}
            />
          ) : index === 0 && to ? (
            <div className={classes.named}>
              <Link to={to(record)} className={classes.name}>
                {column.render(record)}
              </Link>
              {column.beside?.(record)}
              <TagMarks record={record as object} />
            </div>
          ) : (
            column.render(record)
          )}
        </Table.Td>
      ))}
      {actions && (
        <Table.Td p={0} ta="center">
          <ActionMenu actions={[...(mayRename ? [rename] : []), ...actions(record)]}>
            <ActionIcon aria-label={t`Actions`}>
              <IconDots size={16} />
            </ActionIcon>
          </ActionMenu>
        </Table.Td>
      )}
    </Table.Tr>
  );
}

function SortableHeader<R>({
  column,
  sort,
  onSort,
}: {
  column: ListColumn<R>;
  sort: string;
  onSort: (sort: string) => void;
}) {
  const { label, sortBy, align = "left", width, secondary } = column;
  const active = sortBy !== undefined && sort.replace(/^-/, "") === sortBy;
  const descending = sort.startsWith("-");
  const Arrow = descending ? IconArrowDown : IconArrowUp;
  return (
    <Table.Th
      ta={align}
      {...(width === undefined ? {} : { w: width })}
      className={hiding(secondary)}
      aria-sort={active ? (descending ? "descending" : "ascending") : undefined}
    >
      {sortBy ? (
        <UnstyledButton
          className={classes.sort}
          onClick={() => onSort(active && !descending ? `-${sortBy}` : sortBy)}
        >
          {label}
          {active && <Arrow size={14} aria-hidden />}
        </UnstyledButton>
      ) : (
        label
      )}
    </Table.Th>
  );
}

function SkeletonRows({ columns }: { columns: number }) {
  return Array.from({ length: 6 }, (_, row) => (
    <Table.Tr key={row} aria-hidden>
      {Array.from({ length: columns }, (_, column) => (
        <Table.Td key={column}>
          <Skeleton h={12} my={4} w={column === 0 ? 180 : 80} maw="100%" />
        </Table.Td>
      ))}
    </Table.Tr>
  ));
}
