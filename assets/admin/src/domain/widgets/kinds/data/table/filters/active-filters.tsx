import { t } from "@lingui/core/macro";
import { Button } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { needsValue, operatorsFor, type Condition } from "@/lib/rows/conditions";
import { isTime, type TableColumn } from "../table-columns";
import classes from "../table.module.css";

interface ActiveFiltersProps {
  columns: readonly TableColumn[];
  filters: readonly Condition[];
  onFilters: (filters: Condition[]) => void;
}

/** Whether a filter applies. One without a value is still being entered. */
const isActive = ({ field, operator, value }: Condition) =>
  field !== "" && (!needsValue(operator) || value !== "");

/** Describes a filter. `empty` with the value "false" means that a value must not be empty. */
function wordsOf({ operator: given, value, shown }: Condition, column: TableColumn | undefined): string {
  const operator = given === "empty" && value === "false" ? "notEmpty" : given;
  const words = operatorsFor(isTime(column)).find((one) => one.value === operator)?.label ?? operator;
  return needsValue(operator) ? [words, shown?.value ?? value].join(" ") : words;
}

/** The filters that apply to a table, above its rows: each can be removed. */
export function ActiveFilters({ columns, filters, onFilters }: ActiveFiltersProps) {
  const active = filters.filter(isActive);
  if (active.length === 0) return null;
  return (
    <div className={classes.active} role="group" aria-label={t`Filters`}>
      {active.map((filter, at) => {
        const column = columns.find(({ field }) => field === filter.field);
        const label = filter.shown?.label ?? column?.label ?? filter.field;
        return (
          <Button
            // The same filter may be there twice.
            key={at}
            size="compact-xs"
            variant="light"
            radius="xl"
            fw={400}
            rightSection={<IconX size={12} />}
            aria-label={t`Clear filter ${label}: ${wordsOf(filter, column)}`}
            onClick={() => onFilters(filters.filter((one) => one !== filter))}
          >
            {label} {wordsOf(filter, column)}
          </Button>
        );
      })}
    </div>
  );
}
