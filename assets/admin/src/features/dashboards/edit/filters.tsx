import { Trans } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import { IconFilterPlus } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { widgetKind } from "@/domain/widgets/kinds";
import { objectsOf, rowsOf, textOf } from "@/domain/widgets/kinds/config";
import { isApiError } from "@/lib/api/errors";
import { keys } from "@/lib/api/keys";
import type {
  DashboardVariable,
  DataQuery,
  DataQueryDraft,
  JsonObject,
  Parameter,
  QueryColumn,
  Widget,
} from "@/lib/api/model";
import { showQuery, showDraft } from "@/lib/api/subjects/data-queries";
import { describedChoices } from "@/lib/format/columns";
import { endsIn, variableOf, variablesIn } from "@/lib/templates/templates";
import { useTenantID } from "@/lib/tenant";
import type { Choices } from "../board/live-data";
import { inTheBar } from "../variables/variables";
import { VariablesBar } from "../variables/variables-bar";
import type { Contents } from "./contents";
import classes from "./filters.module.css";

/** Returns the variables that the widgets use and that the dashboard does not have. */
export function missingVariables(
  widgets: readonly Pick<Widget, "type" | "config">[],
  variables: readonly DashboardVariable[],
): string[] {
  const known = new Set(variables.map(({ name }) => name));
  const wanted = widgets.flatMap(({ type, config }) => [
    ...variablesIn(config),
    // Inputs and rows to select set variables.
    ...(widgetKind(type)?.inputFor ?? []).map((field) => textOf(config, field)).filter(Boolean),
    ...objectsOf(config, "selects")
      .map((one) => textOf(one, "variable"))
      .filter(Boolean),
  ]);
  return [...new Set(wanted)].filter((name) => !known.has(name));
}

/** The range that a new filter starts with: without one, required parameters would wait. */
const RANGE = "last-30-days";

const typeOf: Partial<Record<Parameter["type"], DashboardVariable["type"]>> = {
  number: "number",
  date: "date",
};

/** Whether a widget uses one of the ends of a variable: then it is a range. */
const usesEnds = (name: string, widgets: readonly Pick<Widget, "config">[]): boolean =>
  widgets.some(({ config }) => endsIn(config).includes(name));

const columnTypes: Partial<Record<NonNullable<QueryColumn["type"]>, DashboardVariable["type"]>> = {
  number: "number",
  date: "date",
  datetime: "date",
};

type Described = Pick<DataQuery, "parameters"> & Partial<Pick<DataQuery, "columns">>;

/** Returns what a query declares about the column of a variable: the one whose selected value it has, or its namesake. */
function columnFor(
  name: string,
  widgets: readonly Pick<Widget, "config">[],
  queries: ReadonlyMap<string, Described>,
): QueryColumn | undefined {
  const found = widgets.flatMap(({ config }) => {
    const query = queries.get(String(config["queryID"] ?? ""));
    const selected = objectsOf(config, "selects").find((one) => textOf(one, "variable") === name);
    const field = selected ? textOf(selected, "field") : name;
    return query?.columns?.find((column) => column.name === field) ?? [];
  });
  return found[0];
}

/**
 * Returns a new variable that fits the query parameter which gets its value, and what the query declares about the
 * column that the value comes from.
 */
export function variableFor(
  name: string,
  widgets: readonly Pick<Widget, "config">[],
  queries: ReadonlyMap<string, Described>,
): DashboardVariable {
  if (usesEnds(name, widgets)) return { name, type: "dateRange", default: RANGE, options: [] };
  const parameters = widgets.flatMap(({ config }) => {
    const given = config["parameters"] as JsonObject | undefined;
    const query = queries.get(String(config["queryID"] ?? ""));
    return (query?.parameters ?? []).filter((parameter) => variableOf(given?.[parameter.name]) === name);
  });
  const [parameter] = parameters;
  const allowed = (parameter?.allowed ?? []).filter((value): value is string => typeof value === "string");
  const column = columnFor(name, widgets, queries);
  const declared = column?.type && columnTypes[column.type];
  const type = allowed.length > 0 ? "select" : ((parameter ? typeOf[parameter.type] : declared) ?? "text");
  const label = column?.label ? { label: column.label } : {};
  return { name, type, ...label, default: parameter?.default ?? null, options: allowed };
}

/** Offers to add the variables that widgets use. */
export function MissingFilters({
  names,
  onCanvas = false,
  onAdd,
}: {
  names: readonly string[];
  /** Whether it is above the grid, not in the drawer. */
  onCanvas?: boolean;
  onAdd: (name: string) => void;
}) {
  if (names.length === 0) return null;
  return (
    <Group gap="sm" className={classes.missing} data-canvas={onCanvas || undefined} role="status">
      <Text size="sm" c="dimmed">
        <Trans>Widgets use values that viewers cannot select yet.</Trans>
      </Text>
      {names.map((name) => (
        <Button
          key={name}
          size="compact-sm"
          variant="default"
          leftSection={<IconFilterPlus size={14} />}
          onClick={() => onAdd(name)}
        >
          <Trans>Add filter {name}</Trans>
        </Button>
      ))}
    </Group>
  );
}

const MOST_CHOICES = 1000;

/** Loads the options of variables that come from queries: as the queries are now, saved or not. */
function useChoices(variables: readonly DashboardVariable[], contents: Contents): Record<string, Choices> {
  const tenantID = useTenantID();
  const asked = variables.filter(({ source }) => source?.queryID && source.valueField);
  const results = useQueries({
    queries: asked.map(({ source }) => {
      const id = source?.queryID ?? "";
      const local: DataQueryDraft | undefined = contents.queries[id]?.draft;
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
  return Object.fromEntries(
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
}

interface EditFiltersProps {
  /** IANA time zone of ranges; that of the reader if absent. */
  zone: string | undefined;
  variables: readonly DashboardVariable[];
  widgets: readonly Widget[];
  contents: Contents;
  values: JsonObject;
  onChange: (values: JsonObject) => void;
}

/** The dashboard's filters, as its viewers see them: their values are only used to try the widgets. */
export function EditFilters({ zone, variables, widgets, contents, values, onChange }: EditFiltersProps) {
  const shown = inTheBar(variables, widgets);
  const choices = useChoices(shown, contents);
  return (
    <div className={classes.bar}>
      <VariablesBar
        variables={shown}
        values={values}
        data={{
          choices,
          searchChoices: (name) => Promise.resolve(choices[name] ?? { list: [], more: false, error: null }),
        }}
        filtered={[]}
        zone={zone}
        onChange={({ name }, value) => onChange({ ...values, [name]: value ?? null })}
      />
    </div>
  );
}
