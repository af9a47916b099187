import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconAdjustments, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { ParameterInput } from "@/domain/schema-form/parameter-input";
import { parameterTypes, wordOfType } from "@/domain/schema-form/parameter-types";
import { isApiError } from "@/lib/api/errors";
import type { DataQueryDraft, DatasourceType, Parameter, ParameterType } from "@/lib/api/model";
import { useDatasourceSchema } from "@/lib/api/subjects/datasources";
import { nextRowId, useRowIds } from "@/lib/draft";
import { exactNumber } from "@/lib/format/decimals";
import { fieldErrors, hasErrorBelow, type FieldErrors } from "@/lib/schema/paths";
import { parametersIn } from "@/lib/templates/templates";
import { TagsField } from "@/ui/input/tags-field";
import classes from "../data-queries.module.css";
import { freeParameterName, sqlOf } from "../draft";
import type { Runner } from "../run";
import { guessParameters } from "./guess-parameters";

const EXAMPLE = "{{ params.name }}";

interface ParametersPanelProps {
  draft: DataQueryDraft;
  set: (change: Partial<DataQueryDraft>) => void;
  errors: FieldErrors;
  type: DatasourceType;
  runner: Runner;
  readOnly: boolean;
  mayRun: boolean;
}

/** Edits the parameters: a test value for each, and its declaration on demand. */
export function ParametersPanel({
  draft,
  set,
  errors,
  type,
  runner,
  readOnly,
  mayRun,
}: ParametersPanelProps) {
  const { parameters } = draft;
  const ids = useRowIds(parameters);
  const [open, setOpen] = useState<number | null>(null);
  const undeclared = parametersIn(draft.options).filter(
    (name) => !parameters.some((parameter) => parameter.name === name),
  );
  const refused = isApiError(runner.error) ? fieldErrors(runner.error.details) : {};

  const tables =
    useDatasourceSchema(draft.datasourceID, {
      enabled: type.capabilities.schema === true && undeclared.length > 0,
    }).data?.items ?? [];
  const declare = (names: readonly string[]) => {
    const guessed = guessParameters(names, sqlOf(draft), tables, runner.effect?.changesData === true);
    set({ parameters: [...parameters, ...guessed] });
    setOpen(names.length === 1 ? nextRowId(ids) : null);
  };
  return (
    <Stack gap={0} component="section" aria-label={t`Parameters`}>
      {parameters.length === 0 && undeclared.length === 0 && (
        <Text size="sm" c="dimmed" pb="md">
          <Trans>
            A parameter is a value that can change each time the query runs. Declare it here and use it in the
            query as <code className={classes.code}>{EXAMPLE}</code>.
          </Trans>
        </Text>
      )}
      {parameters.map((parameter, index) => (
        <div key={ids[index]} className={classes.parameter}>
          <Heading
            parameter={parameter}
            open={open === ids[index]}
            onToggle={readOnly ? null : () => setOpen(open === ids[index] ? null : (ids[index] ?? null))}
          />
          {readOnly && <ParameterFacts {...parameter} />}
          {(!readOnly || mayRun) && (
            <ParameterInput
              key={parameter.type}
              type={parameter.type}
              size="xs"
              ariaLabel={t`Test value for ${parameter.name}`}
              allowed={parameter.allowed ?? []}
              placeholder={hasDefault(parameter) ? t`default` : t`no value`}
              value={runner.values[parameter.name]}
              error={refused[`parameters.${parameter.name}`]}
              onChange={(value) => runner.setValue(parameter.name, value)}
            />
          )}
          {!readOnly && (open === ids[index] || hasErrorBelow(errors, `parameters[${index}]`)) && (
            <Declaration
              parameter={parameter}
              errors={errors}
              path={`parameters[${index}]`}
              onChange={(change) => {
                set({
                  parameters: parameters.map((old, at) => (at === index ? { ...old, ...change } : old)),
                });
                const { name } = parameter;
                if (change.type) runner.setValue(name, valueAs(change.type, runner.values[name]));
                if (change.name) runner.setValue(change.name, runner.values[name]);
              }}
              onRemove={() => {
                set({ parameters: parameters.filter((_, at) => at !== index) });
                setOpen(null);
              }}
            />
          )}
        </div>
      ))}
      {!readOnly && (
        <Group gap="sm" pt={parameters.length ? "md" : 0}>
          <Undeclared names={undeclared} onDeclare={declare} />
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => declare([freeParameterName(parameters)])}
          >
            <Trans>Add parameter</Trans>
          </Button>
        </Group>
      )}
    </Stack>
  );
}

/** Declares the parameters that the query uses, one by one or all at once. */
function Undeclared({
  names,
  onDeclare,
}: {
  names: readonly string[];
  onDeclare: (names: readonly string[]) => void;
}) {
  const declaring = (label: React.ReactNode, declared: readonly string[]) => (
    <Button
      key={declared.join()}
      size="xs"
      variant="light"
      leftSection={<IconPlus size={14} />}
      onClick={() => onDeclare(declared)}
    >
      {label}
    </Button>
  );
  return (
    <>
      {names.length > 1 && declaring(t`Declare all`, names)}
      {names.map((name) => declaring(t`Declare ${name}`, [name]))}
    </>
  );
}

/** Converts a test value to another type, if it is a value of that type. */
function valueAs(type: ParameterType, value: unknown): unknown {
  if (type === "string" && typeof value === "number") return String(value);
  if (type === "number" && typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)))
    return Number(value);
  return typeof value === type ? value : undefined;
}

const hasDefault = ({ default: standard }: Parameter) => standard !== null && standard !== undefined;

function Heading({
  parameter,
  open,
  onToggle,
}: {
  parameter: Parameter;
  open: boolean;
  /** Null if nothing can be changed. */
  onToggle: (() => void) | null;
}) {
  return (
    <Group gap={6} wrap="nowrap" mb={4}>
      <Text span ff="monospace" size="sm" fw={500} truncate>
        {parameter.name}
      </Text>
      <Text span size="xs" c="dimmed">
        {wordOfType(parameter.type)}
      </Text>
      {hasDefault(parameter) && (
        <Text span size="xs" c="dimmed" truncate title={t`Default value`}>
          = {typeof parameter.default === "string" ? parameter.default : JSON.stringify(parameter.default)}
        </Text>
      )}
      {parameter.required && (
        <Badge size="xs" variant="default" tt="none" fw={400}>
          <Trans>required</Trans>
        </Badge>
      )}
      {onToggle && (
        <Tooltip label={open ? t`Close parameter` : t`Edit parameter`}>
          <ActionIcon
            size="sm"
            ml="auto"
            aria-label={t`Settings of parameter ${parameter.name}`}
            aria-expanded={open}
            onClick={onToggle}
          >
            <IconAdjustments size={14} />
          </ActionIcon>
        </Tooltip>
      )}
    </Group>
  );
}

/** What else is declared about a parameter, to read. */
function ParameterFacts({ description, allowed = [] }: Parameter) {
  if (!description && allowed.length === 0) return null;
  return (
    <Stack gap={2} pb={4}>
      {description && <Text size="sm">{description}</Text>}
      {allowed.length > 0 && (
        <Text size="sm" c="dimmed">
          <Trans>Allowed values:</Trans> {allowed.map(String).join(", ")}
        </Text>
      )}
    </Stack>
  );
}

interface DeclarationProps {
  parameter: Parameter;
  errors: FieldErrors;
  path: string;
  onChange: (change: Partial<Parameter>) => void;
  onRemove: () => void;
}

function Declaration({ parameter, errors, path, onChange, onRemove }: DeclarationProps) {
  const { type } = parameter;
  // Values of another type would be rejected, so they are reset with the type.
  const retype = (next: string | null) =>
    next && next !== type && onChange({ type: next as ParameterType, default: null, allowed: [] });
  return (
    <Stack gap="sm" className={classes.declaration}>
      <Group gap="sm" grow align="flex-start">
        <TextInput
          size="xs"
          label={t`Name`}
          value={parameter.name}
          maxLength={64}
          error={errors[`${path}.name`]}
          spellCheck={false}
          onChange={(event) => onChange({ name: event.currentTarget.value.replace(/\W/g, "_") })}
        />
        <Select size="xs" label={t`Type`} data={parameterTypes} value={type} onChange={retype} />
      </Group>
      <ParameterInput
        key={type}
        type={type}
        size="xs"
        label={t`Default`}
        error={errors[`${path}.default`]}
        allowed={parameter.allowed ?? []}
        value={parameter.default}
        onChange={(value) => onChange({ default: value ?? null })}
      />
      {(type === "string" || type === "number") && (
        <TagsField
          size="xs"
          label={t`Allowed values`}
          description={t`Leave empty to allow any value`}
          error={errors[`${path}.allowed`]}
          value={(parameter.allowed ?? []).map(String)}
          onChange={(texts) =>
            onChange({
              allowed: type === "number" ? texts.map(exactNumber).filter((number) => number !== null) : texts,
            })
          }
        />
      )}
      <TextInput
        size="xs"
        label={t`Description`}
        value={parameter.description}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
      />
      <Group justify="space-between">
        <Switch
          size="xs"
          label={t`Required`}
          checked={parameter.required}
          onChange={(event) => onChange({ required: event.currentTarget.checked })}
        />
        <Button
          size="xs"
          variant="subtle"
          color="red"
          leftSection={<IconTrash size={14} />}
          onClick={onRemove}
        >
          <Trans>Remove</Trans>
        </Button>
      </Group>
    </Stack>
  );
}
