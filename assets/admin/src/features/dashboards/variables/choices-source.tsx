import { t } from "@lingui/core/macro";
import { Autocomplete, Group, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { onlyReads } from "@/domain/records/changes-data";
import { ResourceSelect } from "@/domain/records/resource-select";
import type { DashboardVariable } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import type { FieldErrors } from "@/lib/schema/paths";
import { placeholderFor } from "@/lib/templates/placeholders";
import { userFields, userTemplate } from "@/lib/templates/templates";

type Source = NonNullable<DashboardVariable["source"]>;

interface ChoicesSourceProps {
  source: Source | null;
  /** The variables that may decide which options there are. */
  above: readonly string[];
  errors: FieldErrors;
  path: string;
  onChange: (source: Source | null) => void;
}

const kinds = [
  { value: "list", label: t`List` },
  { value: "query", label: t`Query` },
];

/** Edits whether a variable's options are listed or come from a query, and from which. */
export function ChoicesSource({ source, above, errors, path, onChange }: ChoicesSourceProps) {
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
            accepts={onlyReads}
            size="xs"
            label={t`Query`}
            value={source.queryID || null}
            error={errors[`${path}.queryID`]}
            onChange={(queryID) => onChange({ ...source, queryID: queryID ?? "", parameters: {} })}
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
          <ChoiceParameters source={source} above={above} errors={errors} path={path} onChange={onChange} />
        </>
      )}
    </Stack>
  );
}

interface ChoiceParametersProps extends Omit<ChoicesSourceProps, "source"> {
  source: Source;
}

/** Edits the parameters of the query: those that have the value of another variable, or of the user, narrow the options. */
function ChoiceParameters({ source, above, errors, path, onChange }: ChoiceParametersProps) {
  const query = useOne("dataquery", source.queryID || undefined);
  const parameters = query.data?.parameters ?? [];
  if (parameters.length === 0) return null;
  const values = source.parameters ?? {};
  return (
    <>
      {parameters.map(({ name }) => (
        <Autocomplete
          key={name}
          size="xs"
          label={t`Parameter ${name}`}
          placeholder={t`Default`}
          data={[
            ...above.map((variable) => placeholderFor("vars", variable)),
            ...userFields.map(userTemplate),
          ]}
          filter={({ options }) => options}
          value={valueText(values[name])}
          spellCheck={false}
          error={errors[`${path}.parameters.${name}`]}
          onChange={(text) => {
            const { [name]: _, ...rest } = values;
            onChange({ ...source, parameters: text === "" ? rest : { ...rest, [name]: text } });
          }}
        />
      ))}
      {errors[`${path}.parameters`] && (
        <Text size="xs" c="var(--mantine-color-error)">
          {errors[`${path}.parameters`]}
        </Text>
      )}
    </>
  );
}

const valueText = (value: unknown): string => (value === undefined || value === null ? "" : String(value));
