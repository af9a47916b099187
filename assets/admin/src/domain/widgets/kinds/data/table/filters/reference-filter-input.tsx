import { t } from "@lingui/core/macro";
import type { Condition } from "@/lib/rows/conditions";
import { ChoiceField } from "../../../actions/form/choice-field";
import type { FilterReference } from "./filter-references";

interface ReferenceFilterInputProps {
  reference: FilterReference;
  filters: Condition[];
  onFilters: (filters: Condition[]) => void;
  /** Why the server refused the value. */
  error: string | undefined;
}

/** The condition on a foreign key: the row that it refers to. */
export function ReferenceFilterInput({ reference, filters, onFilters, error }: ReferenceFilterInputProps) {
  const { field, label, item, source } = reference;
  const isMine = (one: Condition) => one.field === field && one.operator === "equals";
  return (
    <ChoiceField
      size="xs"
      label={label}
      item={item}
      name={field}
      source={source}
      value={filters.find(isMine)?.value ?? null}
      error={error}
      placeholder={t`Select…`}
      comboboxProps={{ withinPortal: false }}
      onChange={(value, shown) => {
        const key = value === null || value === undefined ? "" : String(value);
        const others = filters.filter((one) => !isMine(one));
        const words = { label, value: shown ?? key };
        onFilters(key === "" ? others : [...others, { field, operator: "equals", value: key, shown: words }]);
      }}
    />
  );
}
