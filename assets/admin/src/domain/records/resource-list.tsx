import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  ActionIcon,
  Button,
  Group,
  Skeleton,
  Table,
  Text,
  TextInput,
  UnstyledButton,
  VisuallyHidden,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconArrowDown, IconArrowUp, IconDots, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useList, unpaged, type Kind, type ListParams, type RecordOf } from "@/lib/api/resources";
import { formatCount } from "@/lib/format/format";
import { searchRecords } from "@/lib/rows/search-records";
import { EmptyState, type EmptyStateProps } from "@/ui/feedback/empty-state";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { ActionMenu, type RecordAction } from "./menu/action-menu";
import classes from "./resource-list.module.css";

export interface ListColumn<R> {
  label: string;
  render: (record: R) => React.ReactNode;
  /** The server's name of the field, if the list can be sorted by it. */
  sortBy?: string;
  align?: "left" | "right";
  width?: number | string;
  /** Hidden on phones. */
  secondary?: boolean;
}

interface ResourceListProps<K extends Kind> {
  kind: K;
  /** Singular and plural for labels: "datasource", "datasources". */
  noun: [one: string, many: string];
  columns: ListColumn<RecordOf<K>>[];
  empty: EmptyStateProps;
  rowKey?: (record: RecordOf<K>) => string;
  /** The target of the first column's link. */
  to?: (record: RecordOf<K>) => string;
  actions?: (record: RecordOf<K>) => RecordAction[];
  /** Further filters to send. */
  params?: ListParams;
  /** Controls for those filters. */
  filters?: React.ReactNode;
  /** "" if the server has a fixed order. */
  defaultSort?: string;
  searchable?: boolean;
}

/** A collection with search and sorting in the URL, pages on demand, and every state. */
export function ResourceList<K extends Kind>(props: ResourceListProps<K>) {
  const { kind, noun, empty, params, filters, defaultSort = "-updatedAt", searchable = true } = props;
  const [search, setSearch] = useSearchParams();
  const [text, setText] = useState(search.get("q") ?? "");
  const [q] = useDebouncedValue(text.trim(), 200);
  const sort = search.get("sort") ?? defaultSort;
  const isWhole = unpaged.has(kind);
  const list = useList(
    kind,
    isWhole ? params : { ...params, ...(searchable ? { q } : {}), sort: sort as ListParams["sort"] },
  );
  const items = list.items && isWhole ? searchRecords(list.items, q, sort) : list.items;
  const filtered =
    q !== "" ||
    Object.values(params ?? {}).some((value) => value !== undefined && value !== null && value !== "");

  const remember = (name: string, value: string) =>
    setSearch(
      (previous) => {
        if (value) previous.set(name, value);
        else previous.delete(name);
        return previous;
      },
      { replace: true },
    );

  if (list.error && !list.items) {
    return (
      <div className={classes.pad}>
        <ErrorPanel
          error={list.error}
          title={t`Could not load ${noun[1]}`}
          onRetry={() => void list.refetch()}
        />
      </div>
    );
  }
  if (items?.length === 0 && !filtered) return <EmptyState {...empty} />;
  return (
    <>
      <Toolbar
        noun={noun}
        filters={filters}
        total={isWhole ? items?.length : list.total}
        text={searchable ? text : null}
        onText={(next) => {
          setText(next);
          remember("q", next.trim());
        }}
      />
      <ListTable
        {...props}
        items={items}
        sort={sort}
        onSort={(next) => remember("sort", next === defaultSort ? "" : next)}
      />
      {items?.length === 0 && (
        <Text c="dimmed" ta="center" p="xl">
          <Trans>No results.</Trans>
        </Text>
      )}
      {list.hasNextPage && (
        <Group justify="center" p="md">
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            <Trans>Load more</Trans>
          </Button>
        </Group>
      )}
    </>
  );
}

interface ToolbarProps {
  noun: [one: string, many: string];
  filters: React.ReactNode;
  total: number | undefined;
  /** The text to search for; null disables the search. */
  text: string | null;
  onText: (text: string) => void;
}

function Toolbar({ noun, filters, total, text, onText }: ToolbarProps) {
  return (
    <Group className={classes.toolbar} gap="sm">
      {text !== null && (
        <TextInput
          aria-label={t`Search ${noun[1]}`}
          placeholder={t`Search ${noun[1]}`}
          leftSection={<IconSearch size={16} />}
          value={text}
          maxLength={200}
          className={classes.search}
          data-list-search
          onChange={(event) => onText(event.currentTarget.value)}
        />
      )}
      {filters}
      <Text size="sm" c="dimmed" ml="auto" aria-live="polite" className="tabular">
        {total !== undefined && formatCount(total, noun[0], noun[1])}
      </Text>
    </Group>
  );
}

interface ListTableProps<K extends Kind> extends ResourceListProps<K> {
  items: RecordOf<K>[] | undefined;
  sort: string;
  onSort: (sort: string) => void;
}

function ListTable<K extends Kind>({
  columns,
  noun,
  items,
  sort,
  onSort,
  rowKey,
  to,
  actions,
}: ListTableProps<K>) {
  return (
    <Table.ScrollContainer
      minWidth={0}
      className={classes.scroll ?? ""}
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
    >
      <Table highlightOnHover className={classes.table} aria-label={noun[1]}>
        <Table.Thead>
          <Table.Tr>
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
          {items?.map((record) => (
            <Table.Tr key={rowKey ? rowKey(record) : (record as { id: string }).id}>
              {columns.map((column, index) => (
                <Table.Td
                  key={column.label}
                  ta={column.align ?? "left"}
                  className={column.secondary ? classes.secondary : undefined}
                >
                  {index === 0 && to ? (
                    <Link to={to(record)} className={classes.name}>
                      {column.render(record)}
                    </Link>
                  ) : (
                    column.render(record)
                  )}
                </Table.Td>
              ))}
              {actions && (
                <Table.Td p={0} ta="center">
                  <ActionMenu actions={actions(record)}>
                    <ActionIcon aria-label={t`Actions`}>
                      <IconDots size={16} />
                    </ActionIcon>
                  </ActionMenu>
                </Table.Td>
              )}
            </Table.Tr>
          )) ?? <SkeletonRows columns={columns.length + (actions ? 1 : 0)} />}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
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
      className={secondary ? classes.secondary : undefined}
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
