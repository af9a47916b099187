import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Indicator,
  Popover,
  Select,
  Stack,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import {
  IconArrowDown,
  IconArrowUp,
  IconColumns3,
  IconFilter,
  IconPlus,
  IconSearch,
  IconX,
} from "@tabler/icons-react";
import { useRowIds } from "@/lib/draft";
import { needsValue, operators, type Condition } from "@/lib/rows/conditions";
import type { ServerFilter } from "@/lib/rows/table-ask";
import { ServerFilters } from "./server-filters";
import { arrangeColumns, moved, type Arrangement, type TableColumn } from "./table-columns";
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
}

/** The reader's tools of a table: search, filters, columns. */
export function TableTools({ label, text, onText, searchable, serverFilters, ...rest }: TableToolsProps) {
  return (
    <div className={classes.tools}>
      {searchable ? (
        <TextInput
          size="xs"
          variant="unstyled"
          aria-label={t`Search ${label}`}
          placeholder={t`Search`}
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
        <ServerFilters label={label} known={serverFilters} {...rest} />
      ) : (
        <FilterMenu label={label} {...rest} />
      )}
      <ColumnMenu label={label} {...rest} />
    </div>
  );
}

type MenuProps = Omit<TableToolsProps, "text" | "onText" | "searchable" | "serverFilters">;

function FilterMenu({ label, columns, filters, onFilters }: MenuProps) {
  const ids = useRowIds(filters);
  const set = (index: number, change: Partial<Condition>) =>
    onFilters(filters.map((old, at) => (at === index ? { ...old, ...change } : old)));
  const add = () =>
    onFilters([...filters, { field: columns[0]?.field ?? "", operator: "contains", value: "" }]);
  const name = filters.length ? t`Filters of ${label}: ${filters.length}` : t`Filter ${label}`;
  return (
    <Popover position="bottom-end" width={340} trapFocus withinPortal shadow="md">
      <Popover.Target>
        <Tooltip label={t`Filter`}>
          <Indicator
            disabled={filters.length === 0}
            label={filters.length}
            size={14}
            offset={4}
            color="accent"
          >
            <ActionIcon size="sm" aria-label={name} aria-haspopup="dialog">
              <IconFilter size={15} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={name}>
        <Stack gap="sm">
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
                data={[...operators]}
                value={filter.operator}
                comboboxProps={{ withinPortal: false }}
                onChange={(operator) =>
                  operator && set(index, { operator: operator as Condition["operator"] })
                }
              />
              {needsValue(filter.operator) ? (
                <TextInput
                  size="xs"
                  aria-label={t`Value of condition ${index + 1}`}
                  value={filter.value}
                  onChange={(event) => set(index, { value: event.currentTarget.value })}
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
          <Group justify="space-between">
            <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={add}>
              <Trans>Add condition</Trans>
            </Button>
            {filters.length > 0 && (
              <Button size="xs" variant="subtle" color="gray" onClick={() => onFilters([])}>
                <Trans>Clear</Trans>
              </Button>
            )}
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
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
