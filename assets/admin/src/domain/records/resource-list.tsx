import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { useList, unpaged, type Kind, type ListParams, type RecordOf } from "@/lib/api/resources";
import { useAreUsed, type UsedKind } from "@/lib/api/subjects/uses";
import { formatCount } from "@/lib/format/format";
import { searchRecords } from "@/lib/rows/search-records";
import { EmptyState, type EmptyStateProps } from "@/ui/feedback/empty-state";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import type { Named } from "./list/bulk-dialog";
import { useFacetFilter, useFacets, type Facet } from "./list/facets";
import { FacetSelects } from "./list/facet-selects";
import { ListTable, type ListColumn } from "./list/list-table";
import { SelectionBar, useBulkActs } from "./list/selection-bar";
import type { RecordAction } from "./menu/action-menu";
import classes from "./resource-list.module.css";

export type { ListColumn };

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

const MOST_PER_PAGE = 200;

/** A collection with search and sorting in the URL, pages on demand, and every state. */
export function ResourceList<K extends Kind>(props: ResourceListProps<K>) {
  const { kind, noun, empty, params, filters, defaultSort = "-updatedAt", searchable = true } = props;
  const [search, setSearch] = useSearchParams();
  const [text, setText] = useTextOf(search.get("q") ?? "");
  const [q] = useDebouncedValue(text.trim(), 200);
  const sort = search.get("sort") ?? defaultSort;
  const facets = useFacets(kind);
  const filter = useFacetFilter(facets);
  const list = useListed(kind, {
    params: searchable ? { ...params, q } : (params ?? {}),
    sort,
    filter,
  });
  const { items } = list;
  const acts = useBulkActs(kind);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const selected = namedOf(items).filter(({ id }) => chosen.has(id));
  const filtered =
    q !== "" ||
    filter.isActive ||
    Object.entries(params ?? {}).some(([name, value]) => isChosen(name, value));

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
  if (items?.length === 0 && !filtered)
    return (
      <>
        {filters && <Group className={classes.toolbar}>{filters}</Group>}
        <EmptyState {...empty} />
      </>
    );
  return (
    <>
      <Toolbar
        noun={noun}
        filters={
          <>
            {filters}
            <FacetSelects facets={facets} />
          </>
        }
        total={list.total}
        text={searchable ? text : null}
        onText={(next) => {
          setText(next);
          remember("q", next.trim());
        }}
      />
      <SelectionBar kind={kind} noun={noun} acts={acts} records={selected} onSelect={setChosen} />
      <ListTable
        {...props}
        items={items}
        {...(acts.length > 0 ? { chosen, onChoose: setChosen } : {})}
        sort={sort}
        onSort={(next) => remember("sort", next === defaultSort ? "" : next)}
      />
      {items?.length === 0 && !list.isSearching && (
        <NoResults facets={facets} onClear={q !== "" || filter.isActive ? () => setText("") : null} />
      )}
      {list.hasNextPage && !filter.isActive && (
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

interface NoResultsProps {
  facets: readonly Facet[];
  /** Called when search and filters were cleared; null if there are none. */
  onClear: (() => void) | null;
}

function NoResults({ facets, onClear }: NoResultsProps) {
  const [, setSearch] = useSearchParams();
  const clear = () => {
    onClear?.();
    setSearch(
      (previous) => {
        for (const name of ["q", ...facets.map((facet) => facet.name)]) previous.delete(name);
        return previous;
      },
      { replace: true },
    );
  };
  return (
    <Stack align="center" gap="sm" p="xl">
      <Text c="dimmed">
        <Trans>No results.</Trans>
      </Text>
      {onClear && (
        <Button variant="default" size="xs" onClick={clear}>
          <Trans>Clear search and filters</Trans>
        </Button>
      )}
    </Stack>
  );
}

/** Whether a filter is not at its default: a list shows the library unless something else is selected. */
const isChosen = (name: string, value: unknown) =>
  value !== undefined && value !== "" && (name === "dashboardID" ? value !== "none" : value !== null);

const isNamed = (record: object): record is Named => "id" in record && "name" in record;
const namedOf = (records: readonly object[] = []): Named[] => records.filter(isNamed);

/** A text that follows the one in the URL, also when that is changed elsewhere. */
function useTextOf(inURL: string) {
  const [text, setText] = useState(inURL);
  const [known, setKnown] = useState(inURL);
  if (inURL !== known) {
    setKnown(inURL);
    if (inURL !== text.trim()) setText(inURL);
  }
  return [text, setText] as const;
}

interface Listing {
  params: ListParams;
  sort: string;
  filter: ReturnType<typeof useFacetFilter>;
}

/** Loads what a list shows. Filters that the server does not have are applied here, to all pages. */
function useListed<K extends Kind>(kind: K, { params, sort, filter }: Listing) {
  const isWhole = unpaged.has(kind);
  const { q, ...others } = params;
  const list = useList(
    kind,
    isWhole
      ? others
      : { ...params, sort: sort as ListParams["sort"], ...(filter.isActive ? { limit: MOST_PER_PAGE } : {}) },
  );
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = list;
  const isToLoad = filter.isActive && hasNextPage && !isError && !isFetchingNextPage;
  useEffect(() => {
    if (isToLoad) void fetchNextPage();
  }, [isToLoad, fetchNextPage]);
  const found = list.items && isWhole ? searchRecords(list.items, q ?? "", sort) : list.items;
  const ids = filter.needsUses ? namedOf(found).map(({ id }) => id) : [];
  const used = useAreUsed(kind as UsedKind, ids);
  const items = filter.isActive
    ? found?.filter((record) => isNamed(record) && filter.fits(record, { used }))
    : found;
  return {
    ...list,
    items,
    isSearching: filter.isActive && ((hasNextPage && !isError) || used.size < ids.length),
    total: isWhole || filter.isActive ? items?.length : list.total,
  };
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
