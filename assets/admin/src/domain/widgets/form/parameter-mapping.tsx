import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { ParameterInput } from "@/domain/schema-form/parameter-input";
import { wordOfType } from "@/domain/schema-form/parameter-types";
import type { JsonObject, Parameter } from "@/lib/api/model";
import type { FieldErrors } from "@/lib/schema/paths";
import {
  userFieldOf,
  userTemplate,
  variableOf,
  variableTemplate,
  type userFields,
} from "@/lib/templates/templates";
import classes from "./widget-form.module.css";

type Source = "default" | "value" | "variable" | "user";

const sources: { value: Source; label: string }[] = [
  { value: "default", label: t`Default` },
  { value: "value", label: t`Fixed value` },
  { value: "variable", label: t`Filter` },
  { value: "user", label: t`Signed-in user` },
];

const fields = [
  { value: "email", label: t`Email` },
  { value: "name", label: t`Name` },
  { value: "role", label: t`Role` },
  { value: "id", label: t`ID` },
] satisfies { value: (typeof userFields)[number]; label: string }[];

interface ParameterMappingProps {
  parameters: readonly Parameter[];
  value: JsonObject;
  onChange: (value: JsonObject) => void;
  errors: FieldErrors;
}

/** More parameters without a value are collapsed: queries of apps have one for each column and operator. */
const MOST_UNSET = 3;

/** Edits where each parameter of the query gets its value from. */
export function ParameterMapping({ parameters, value, onChange, errors }: ParameterMappingProps) {
  const [isWhole, setWhole] = useState(false);
  if (parameters.length === 0) return null;
  const errorOf = (name: string) => errors[`config.parameters.${name}`];
  const needed = parameters.filter(
    ({ name, required, default: standard }) =>
      value[name] !== undefined || errorOf(name) !== undefined || (required && (standard ?? null) === null),
  );
  const unset = parameters.length - needed.length;
  const isFolded = !isWhole && unset > MOST_UNSET;
  return (
    <Stack gap="sm" component="section" aria-label={t`Parameters`}>
      <Text fw={500}>
        <Trans>Parameters</Trans>
      </Text>
      {(isFolded ? needed : parameters).map((parameter) => (
        <Mapping
          key={parameter.name}
          parameter={parameter}
          value={value[parameter.name]}
          error={errorOf(parameter.name)}
          onChange={(next) => {
            const { [parameter.name]: _, ...rest } = value;
            onChange(next === undefined ? rest : { ...rest, [parameter.name]: next });
          }}
        />
      ))}
      {isFolded && (
        <div>
          <Button size="xs" variant="default" onClick={() => setWhole(true)}>
            {plural(unset, { one: "# parameter without a value", other: "# parameters without a value" })}
          </Button>
        </div>
      )}
    </Stack>
  );
}

/** The name of the time range of a dashboard. */
const PERIOD = "period";

/**
 * Returns the variable that a parameter usually takes. A first or last day takes an end of the dashboard's time range.
 */
function usualVariable({ name, type }: Parameter): string {
  if (type === "date" && /^(from|start|since|after|von|ab)(_|$)/i.test(name)) return `${PERIOD}.from`;
  if (type === "date" && /^(to|end|until|till|before|bis)(_|$)/i.test(name)) return `${PERIOD}.to`;
  return name;
}

interface Mapped {
  variable: string | null;
  field: string | null;
  value: unknown;
  chosen: Source | null;
}

/** Returns where a parameter gets its value from. */
function sourceOf({ variable, field, value, chosen }: Mapped): Source {
  if (variable !== null) return "variable";
  if (field !== null) return "user";
  return value !== undefined || chosen === "value" ? "value" : "default";
}

interface MappingProps {
  parameter: Parameter;
  value: unknown;
  error: string | undefined;
  onChange: (value: unknown) => void;
}

function Mapping({ parameter, value, error, onChange }: MappingProps) {
  const { name, type, required, default: standard, allowed = [] } = parameter;
  const variable = variableOf(value);
  const field = userFieldOf(value);
  const [chosen, setChosen] = useState<Source | null>(null);
  const source = sourceOf({ variable, field, value, chosen });

  const choose = (next: string | null) => {
    setChosen(next as Source);
    if (next === "variable") onChange(variableTemplate(usualVariable(parameter)));
    else if (next === "user") onChange(userTemplate(/name/i.test(name) ? "name" : "email"));
    else if (next === "value") onChange(standard ?? undefined);
    else onChange(undefined);
  };
  return (
    <div>
      <Group gap={6} mb={4}>
        <Text span ff="monospace" size="sm">
          {name}
        </Text>
        <Text span size="xs" c="dimmed">
          {wordOfType(type)}
          {required && (
            <>
              {" "}
              · <Trans>required</Trans>
            </>
          )}
        </Text>
      </Group>
      <div className={classes.mapping}>
        <Select size="xs" aria-label={t`Source of ${name}`} data={sources} value={source} onChange={choose} />
        {source === "variable" && (
          <TextInput
            size="xs"
            aria-label={t`Filter for ${name}`}
            leftSection={
              <span className={classes.prefix}>
                <Trans>vars.</Trans>
              </span>
            }
            leftSectionWidth={40}
            value={variable ?? ""}
            error={error}
            spellCheck={false}
            onChange={(event) =>
              onChange(variableTemplate(event.currentTarget.value.replace(/[^\w.]/g, "_") || name))
            }
          />
        )}
        {source === "user" && (
          <Select
            size="xs"
            aria-label={t`User field for ${name}`}
            data={fields}
            value={field}
            error={error}
            onChange={(next) => onChange(userTemplate(next ?? "email"))}
          />
        )}
        {source === "value" && (
          <ParameterInput
            size="xs"
            type={type}
            ariaLabel={t`Value of ${name}`}
            allowed={allowed}
            value={value}
            error={error}
            onChange={onChange}
          />
        )}
        {source === "default" && (
          <Text
            size="sm"
            c={required && standard === null ? "var(--mantine-color-error)" : "dimmed"}
            truncate
          >
            {standard === null || standard === undefined
              ? required
                ? t`value required`
                : t`no value`
              : JSON.stringify(standard)}
          </Text>
        )}
      </div>
    </div>
  );
}
