import { useQueries } from "@tanstack/react-query";
import { rowsOf } from "@/domain/widgets/kinds/config";
import { isApiError } from "@/lib/api/errors";
import { keys } from "@/lib/api/keys";
import type { DashboardVariable, DataQueryDraft } from "@/lib/api/model";
import { showDraft, showQuery } from "@/lib/api/subjects/data-queries";
import { describedChoices } from "@/lib/format/columns";
import { useTenantID } from "@/lib/tenant";
import type { Choices, ChoicesData } from "./choices";

const MOST_CHOICES = 1000;

/** Loads the options of variables that come from queries: unsaved changes of these queries count. */
export function useQueryChoices(
  variables: readonly DashboardVariable[],
  unsaved: Readonly<Record<string, { draft: DataQueryDraft }>>,
): ChoicesData {
  const tenantID = useTenantID();
  const asked = variables.filter(({ source }) => source?.queryID && source.valueField);
  const results = useQueries({
    queries: asked.map(({ source }) => {
      const id = source?.queryID ?? "";
      const local = unsaved[id]?.draft;
      return {
        queryKey: [...keys.one(tenantID, "dataquery", id), "choices", local ?? null],
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          local
            ? showDraft(tenantID, local, { parameters: {} }, signal)
            : showQuery(tenantID, id, { parameters: {} }, signal),
        staleTime: 60_000,
      };
    }),
  });
  const choices: Record<string, Choices> = Object.fromEntries(
    asked.map(({ name, source }, index) => {
      const { data, error } = results[index] ?? {};
      const seen = new Map<string, string>();
      const { rows, columns } = rowsOf(data ?? null);
      for (const row of rows) {
        const value = row[source?.valueField ?? ""];
        const label = row[source?.labelField ?? ""] ?? value;
        if (value !== null && value !== undefined && !seen.has(String(value)))
          seen.set(String(value), String(label));
      }
      const choices = [...seen].slice(0, MOST_CHOICES).map(([value, label]) => ({ value, label }));
      const named = (field: string | null | undefined) => columns.find((column) => column.name === field);
      const list = describedChoices(choices, {
        valueColumn: named(source?.valueField),
        labelColumn: named(source?.labelField || source?.valueField),
      });
      return [name, { list, more: false, error: isApiError(error) ? error : null }];
    }),
  );
  return {
    choices,
    searchChoices: (name) => Promise.resolve(choices[name] ?? { list: [], more: false, error: null }),
  };
}
