// The rows that filters on foreign keys refer to: those that people select in the form of a row.
import { useMemo } from "react";
import type { JsonObject } from "@/lib/api/model";
import type { ServerFilter } from "@/lib/rows/table-ask";
import { formFields, type FieldSource } from "../../../actions/form/form-fields";
import { destinationOf } from "../../../destination";
import { useWidgetActions, type WidgetActions } from "../../../host";

/** A filter whose value is selected from the rows of another table. */
export interface FilterReference {
  /** The column with the key. */
  field: string;
  label: string;
  /** The key of the form's item, which loads the rows. */
  item: string;
  source: FieldSource;
}

/** Returns the filters on columns for which the form of a row has rows to select from. */
function filterReferences(
  config: JsonObject,
  filters: readonly ServerFilter[],
  { widgetOf, itemOf }: Pick<WidgetActions, "widgetOf" | "itemOf">,
): FilterReference[] {
  const to = destinationOf(config["opens"]);
  if (to?.type !== "widget") return [];
  const [form, item] = [widgetOf?.(to.widgetID), itemOf?.(to.widgetID)];
  if (form?.type !== "form" || item === undefined) return [];
  const fields = formFields(form.config);
  return filters.flatMap(({ field, operator, options }) => {
    const found = operator === "equals" && options.length === 0 && fields.find(({ name }) => name === field);
    return found && found.choices ? [{ field, label: found.label, item, source: found.choices }] : [];
  });
}

const none: FilterReference[] = [];

/** The same on a page, where the page can load the rows. */
export function useFilterReferences(
  config: JsonObject,
  filters: readonly ServerFilter[] | undefined,
): readonly FilterReference[] {
  const { choices, widgetOf, itemOf } = useWidgetActions();
  return useMemo(
    () => (filters && choices ? filterReferences(config, filters, { widgetOf, itemOf }) : none),
    [config, filters, choices, widgetOf, itemOf],
  );
}

/** Whether a filter is on the label of a row that is selected by its key instead. */
export const isLabelOf = (
  { field, operator }: ServerFilter,
  references: readonly FilterReference[],
): boolean => operator === "contains" && references.some((one) => field.startsWith(`${one.field}_label`));
