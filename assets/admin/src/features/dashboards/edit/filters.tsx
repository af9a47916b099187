import { Trans } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import { IconFilterPlus } from "@tabler/icons-react";
import { useQueryChoices } from "@/domain/variables/query-choices";
import { inTheBar } from "@/domain/variables/variables";
import { VariablesBar } from "@/domain/variables/variables-bar";
import { widgetKind } from "@/domain/widgets/kinds";
import { objectsOf, textOf } from "@/domain/widgets/kinds/config";
import type { DashboardVariable, JsonObject, Widget } from "@/lib/api/model";
import { isZone } from "@/lib/format/dates/moments";
import { variablesIn } from "@/lib/templates/templates";
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

/** Returns the time zone of a dashboard's ranges; undefined for that of the reader. */
export const zoneOf = (zone: string | null | undefined) => (isZone(zone) ? zone : undefined);

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
  const data = useQueryChoices(shown, contents.queries);
  return (
    <div className={classes.bar}>
      <VariablesBar
        variables={shown}
        values={values}
        data={data}
        filtered={[]}
        zone={zone}
        onChange={({ name }, value) => onChange({ ...values, [name]: value ?? null })}
      />
    </div>
  );
}
