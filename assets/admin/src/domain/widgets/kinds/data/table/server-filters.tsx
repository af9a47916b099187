import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  ActionIcon,
  Button,
  Group,
  Indicator,
  Popover,
  Select,
  Stack,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { toneIn } from "@/lib/format/columns";
import { operators, type Condition } from "@/lib/rows/conditions";
import type { ServerFilter } from "@/lib/rows/table-ask";
import { toneOptions } from "@/ui/input/tone-options";
import type { TableColumn } from "./table-columns";
import classes from "./table.module.css";

interface ServerFiltersProps {
  label: string;
  known: readonly ServerFilter[];
  columns: readonly TableColumn[];
  filters: Condition[];
  onFilters: (filters: Condition[]) => void;
}

const isDate = (type: string) => /^(date|timestamp)/i.test(type);

/** The filters that the server applies: one input for each. */
export function ServerFilters({ label, known, columns, filters, onFilters }: ServerFiltersProps) {
  const shown = known.filter(({ field }) => columns.some((column) => column.field === field));
  if (shown.length === 0) return null;
  const active = filters.filter(({ value }) => value !== "").length;
  const name = active ? t`Filters of ${label}: ${active}` : t`Filter ${label}`;
  return (
    <Popover position="bottom-end" width={340} trapFocus withinPortal shadow="md">
      <Popover.Target>
        <Tooltip label={t`Filter`}>
          <Indicator disabled={active === 0} label={active} size={14} offset={4} color="accent">
            <ActionIcon size="sm" aria-label={name} aria-haspopup="dialog">
              <IconFilter size={15} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={name} className={classes.columnMenu}>
        <Stack gap="xs">
          {shown.map((filter) => (
            <FilterInput
              key={filter.parameter}
              filter={filter}
              column={columns.find(({ field }) => field === filter.field)}
              filters={filters}
              onFilters={onFilters}
            />
          ))}
          {active > 0 && (
            <Group justify="flex-end">
              <Button size="xs" variant="subtle" color="gray" onClick={() => onFilters([])}>
                <Trans>Clear</Trans>
              </Button>
            </Group>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

const optionWords = (option: string) => (option === "true" ? t`Yes` : option === "false" ? t`No` : option);

interface FilterInputProps extends Pick<ServerFiltersProps, "filters" | "onFilters"> {
  filter: ServerFilter;
  column: TableColumn | undefined;
}

function FilterInput({ filter: { field, operator, options }, column, filters, onFilters }: FilterInputProps) {
  const mine = (one: Condition) => one.field === field && one.operator === operator;
  const value = filters.find(mine)?.value ?? "";
  const set = (next: string) =>
    onFilters([
      ...filters.filter((one) => !mine(one)),
      ...(next === "" ? [] : [{ field, operator, value: next }]),
    ]);
  const words = operators.find((one) => one.value === operator)?.label ?? operator;
  const named = column?.label ?? field;
  const label = t`${named}: ${words}`;
  if (options.length)
    return (
      <Select
        size="xs"
        label={label}
        data={options.map((option) => ({
          value: option,
          label: column?.format.isDeclared ? column.format.text(option) : optionWords(option),
        }))}
        value={value || null}
        clearable
        {...(column ? toneOptions(value, options, toneIn(column.format)) : {})}
        comboboxProps={{ withinPortal: false }}
        onChange={(next) => set(next ?? "")}
      />
    );
  return (
    <TextInput
      size="xs"
      label={label}
      type={isDate(column?.type ?? "") ? "date" : "text"}
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}
