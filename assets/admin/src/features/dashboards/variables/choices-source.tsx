import { t } from "@lingui/core/macro";
import { Group, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { ResourceSelect } from "@/domain/records/resource-select";
import type { DashboardVariable } from "@/lib/api/model";
import type { FieldErrors } from "@/lib/schema/paths";

type Source = NonNullable<DashboardVariable["source"]>;

interface ChoicesSourceProps {
  source: Source | null;
  errors: FieldErrors;
  path: string;
  onChange: (source: Source | null) => void;
}

const kinds = [
  { value: "list", label: t`List` },
  { value: "query", label: t`Query` },
];

/** Edits whether a variable's options are listed or come from a query, and from which. */
export function ChoicesSource({ source, errors, path, onChange }: ChoicesSourceProps) {
  return (
    <Stack gap="sm">
      <SegmentedControl
        size="xs"
        aria-label={t`Source of options`}
        data={kinds}
        value={source ? "query" : "list"}
        onChange={(kind) => onChange(kind === "query" ? { queryID: "", valueField: "" } : null)}
      />
      {source && (
        <>
          <ResourceSelect
            kind="dataquery"
            size="xs"
            label={t`Query`}
            value={source.queryID || null}
            error={errors[`${path}.queryID`]}
            onChange={(queryID) => onChange({ ...source, queryID: queryID ?? "" })}
          />
          <Group gap="sm" grow align="flex-start">
            <TextInput
              size="xs"
              label={t`Values (column)`}
              value={source.valueField}
              spellCheck={false}
              error={errors[`${path}.valueField`]}
              onChange={(event) => onChange({ ...source, valueField: event.currentTarget.value })}
            />
            <TextInput
              size="xs"
              label={t`Labels (column)`}
              value={source.labelField ?? ""}
              spellCheck={false}
              onChange={(event) => onChange({ ...source, labelField: event.currentTarget.value || null })}
            />
          </Group>
        </>
      )}
    </Stack>
  );
}
