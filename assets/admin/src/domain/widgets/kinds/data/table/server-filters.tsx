import { t } from "@lingui/core/macro";
import { Text } from "@mantine/core";
import { isComparing, type Condition } from "@/lib/rows/conditions";
import type { ServerFilter } from "@/lib/rows/table-ask";
import { FilterInput, SizeFilterInput, TextFilterInput } from "./filter-inputs";
import { isLabelOf, type FilterReference } from "./filters/filter-references";
import { ReferenceFilterInput } from "./filters/reference-filter-input";
import { FilterPopover } from "./filter-popover";
import type { KnownValues } from "./known-values";
import type { RefusedFilter } from "./refused-filter";
import type { TableColumn } from "./table-columns";

interface ServerFiltersProps {
  label: string;
  known: readonly ServerFilter[];
  columns: readonly TableColumn[];
  filters: Condition[];
  onFilters: (filters: Condition[]) => void;
  values: KnownValues;
  /** The filters whose values are selected from the rows of another table. */
  references: readonly FilterReference[];
  /** Why the filters could not be applied. */
  refused: RefusedFilter | null;
}

/** The filters that the server applies: one input for each. */
export function ServerFilters({
  label,
  known,
  columns,
  filters,
  onFilters,
  values,
  references,
  refused,
}: ServerFiltersProps) {
  const shown = known.filter(
    (filter) => columns.some(({ field }) => field === filter.field) && !isLabelOf(filter, references),
  );
  if (shown.length === 0) return null;
  const active = filters.filter(({ value }) => value !== "").length;
  const name = active ? t`Filters of ${label}: ${active}` : t`Filter ${label}`;
  return (
    <FilterPopover name={name} active={active} onClear={() => onFilters([])}>
      {inputsOf(shown).map(([filter, ...others]) => {
        const column = columns.find(({ field }) => field === filter.field);
        const all = [filter, ...others];
        const props = {
          column,
          filters,
          onFilters,
          suggested: values[filter.field] ?? [],
          errorOf: (operator: string) =>
            refused?.filter?.field === filter.field && refused.filter.operator === operator
              ? refused.message
              : undefined,
        };
        const reference = references.find(({ field }) => field === filter.field);
        if (reference)
          return (
            <ReferenceFilterInput
              key={filter.field}
              {...{ reference, filters, onFilters }}
              error={props.errorOf("equals")}
            />
          );
        if (isSize(all)) return <SizeFilterInput key={filter.field} known={all} {...props} />;
        return others.length ? (
          <TextFilterInput key={filter.field} known={all} {...props} />
        ) : (
          <FilterInput key={filter.parameter} filter={filter} {...props} />
        );
      })}
      {refused && !refused.filter && active > 0 && (
        <Text size="xs" c="var(--mantine-color-error)" style={{ overflowWrap: "anywhere" }}>
          {refused.message}
        </Text>
      )}
    </FilterPopover>
  );
}

const isOfText = (filters: readonly ServerFilter[]) =>
  filters.some(({ operator }) => operator === "contains");

const isSize = (filters: readonly ServerFilter[]) =>
  filters.length > 1 && !isOfText(filters) && filters.some(({ operator }) => isComparing(operator));

/** Returns the filters by input: those of a text share one, in which the operator is selected; those of a size are a group. */
function inputsOf(filters: readonly ServerFilter[]): [ServerFilter, ...ServerFilter[]][] {
  return filters.flatMap((filter): [ServerFilter, ...ServerFilter[]][] => {
    const all = filters.filter(({ field }) => field === filter.field);
    const [first, ...others] = all;
    if (!isOfText(all) && !all.some(({ operator }) => isComparing(operator))) return [[filter]];
    return first === filter ? [[first, ...others]] : [];
  });
}
