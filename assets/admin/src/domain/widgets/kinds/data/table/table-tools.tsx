import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Checkbox, Popover, Select, Text, TextInput, Tooltip } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconColumns3, IconPlus, IconSearch, IconX } from "@tabler/icons-react";
import { useRowIds } from "@/lib/draft";
import type { Row } from "@/lib/rows/cells";
import { needsValue, operatorsFor, type Condition } from "@/lib/rows/conditions";
import type { ServerFilter } from "@/lib/rows/table-ask";
import { SuggestedText } from "./filter-inputs";
import type { FilterReference } from "./filters/filter-references";
import { FilterPopover } from "./filter-popover";
import { useKnownValues, type KnownValues } from "./known-values";
import type { RefusedFilter } from "./refused-filter";
import { ServerFilters } from "./server-filters";
import { arrangeColumns, isTime, moved, type Arrangement, type TableColumn } from "./table-columns";
import classes from "./table.module.css";

interface TableToolsProps {
  label: string;
  columns: readonly TableColumn[];
  text: string;
  onText: (text: string) => void;
  filters: Condition[];
  onFilters: (filters: Condition[]) => void;
  arrangement: Arrangement;
  onArrangement: (arrangement: Arrangement | null) => void;
  searchable: boolean;
  /** The filters that the server applies; null if the browser filters. */
  serverFilters: readonly ServerFilter[] | null;
  /** The columns that the server searches; empty if unknown, or if the browser searches. */
  searched: readonly string[];
  references: readonly FilterReference[];
  /** The present rows, whose values are suggested in filters. */
  rows: readonly Row[];
  /** Why the server returned no rows. */
  refused: RefusedFilter | null;
}

/** The reader's tools of a table: search, filters, columns. */
export function TableTools(props: TableToolsProps) {
  const { label, text, onText, searchable, serverFilters, searched, references, rows, refused, ...rest } =
    props;
  const values = useKnownValues(rest.columns, rows);
  const names = searched.flatMap((field) => rest.columns.find((one) => one.field === field)?.label ?? []);
  const hint = names.length ? t`Search in: ${names.join(", ")}` : t`Search`;
  return (
    <div className={classes.tools}>
      {searchable ? (
        <TextInput
          size="xs"
          variant="unstyled"
          aria-label={t`Search ${label}`}
          placeholder={hint}
          {...(names.length ? { title: hint } : {})}
          leftSection={<IconSearch size={14} />}
          value={text}
          maxLength={200}
          className={classes.search}
          onChange={(event) => onText(event.currentTarget.value)}
        />
      ) : (
        <span className={classes.search} />
      )}
      {serverFilters ? (
        <ServerFilters label={label} known={serverFilters} {...{ values, references, refused }} {...rest} />
      ) : (
        <FilterMenu label={label} values={values} {...rest} />
      )}
      <ColumnMenu label={label} {...rest} />
    </div>
  );
}

type MenuProps = Pick<
  TableToolsProps,
  "label" | "columns" | "filters" | "onFilters" | "arrangement" | "onArrangement"
>;

function FilterMenu({ label, columns, filters, onFilters, values }: MenuProps & { values: KnownValues }) {
  const ids = useRowIds(filters);
  const set = (index: number, change: Partial<Condition>) =>
    onFilters(filters.map((old, at) => (at === index ? { ...old, ...change } : old)));
  const add = () =>
    onFilters([...filters, { field: columns[0]?.field ?? "", operator: "contains", value: "" }]);
  const name = filters.length ? t`Filters of ${label}: ${filters.length}` : t`Filter ${label}`;
  return (
    <FilterPopover
      name={name}
      active={filters.length}
      onClear={() => onFilters([])}
      foot={
        <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={add}>
          <Trans>Add condition</Trans>
        </Button>
      }
    >
      {filters.length === 0 && (
        <Text size="sm" c="dimmed">
          <Trans>Only rows that match all conditions are shown.</Trans>
        </Text>
      )}
      {filters.map((filter, index) => (
        <div key={ids[index]} className={classes.condition}>
          <Select
            size="xs"
            aria-label={t`Column of condition ${index + 1}`}
            data={columns.map(({ field, label: words }) => ({ value: field, label: words }))}
            value={filter.field}
            comboboxProps={{ withinPortal: false }}
            onChange={(field) => field && set(index, { field })}
          />
          <Select
            size="xs"
            aria-label={t`Operator of condition ${index + 1}`}
            data={[...operatorsFor(isTime(columns.find(({ field }) => field === filter.field)))]}
            value={filter.operator}
            comboboxProps={{ withinPortal: false }}
            onChange={(operator) => operator && set(index, { operator: operator as Condition["operator"] })}
          />
          {needsValue(filter.operator) ? (
            <SuggestedText
              size="xs"
              aria-label={t`Value of condition ${index + 1}`}
              value={filter.value}
              suggested={values[filter.field] ?? []}
              onChange={(value) => set(index, { value })}
            />
          ) : (
            <span />
          )}
          <ActionIcon
            size="sm"
            aria-label={t`Remove condition ${index + 1}`}
            onClick={() => onFilters(filters.filter((_, at) => at !== index))}
          >
            <IconX size={14} />
          </ActionIcon>
        </div>
      ))}
    </FilterPopover>
  );
}

function ColumnMenu({ label, columns, arrangement, onArrangement }: MenuProps) {
  const order = arrangeColumns(columns, arrangement).map(({ field }) => field);
  const shown = order.filter((field) => !arrangement.hidden.includes(field));
  const toggle = (field: string, on: boolean) =>
    onArrangement({
      order,
      hidden: on ? arrangement.hidden.filter((name) => name !== field) : [...arrangement.hidden, field],
    });
  return (
    <Popover position="bottom-end" width={260} trapFocus withinPortal shadow="md">
      <Popover.Target>
        <Tooltip label={t`Columns`}>
          <ActionIcon size="sm" aria-label={t`Columns of ${label}`} aria-haspopup="dialog">
            <IconColumns3 size={15} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={t`Columns of ${label}`} className={classes.columnMenu}>
        {arrangeColumns(columns, arrangement).map(({ field, label: words }, index) => (
          <div key={field} className={classes.columnLine}>
            <Checkbox
              size="xs"
              label={words}
              flex={1}
              checked={shown.includes(field)}
              disabled={shown.length === 1 && shown[0] === field}
              onChange={(event) => toggle(field, event.currentTarget.checked)}
            />
            <ActionIcon
              size="sm"
              aria-label={t`Move ${words} up`}
              disabled={index === 0}
              onClick={() => onArrangement({ ...arrangement, order: moved(order, field, -1) })}
            >
              <IconArrowUp size={13} />
            </ActionIcon>
            <ActionIcon
              size="sm"
              aria-label={t`Move ${words} down`}
              disabled={index === columns.length - 1}
              onClick={() => onArrangement({ ...arrangement, order: moved(order, field, 1) })}
            >
              <IconArrowDown size={13} />
            </ActionIcon>
          </div>
        ))}
        <Button mt="xs" size="xs" variant="subtle" color="gray" onClick={() => onArrangement(null)}>
          <Trans>Reset columns</Trans>
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
