import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, CloseButton, Group, Popover, Stack, Text } from "@mantine/core";
import { SchemaForm } from "@/domain/schema-form/schema-form";
import type { DatasourceType, JsonObject } from "@/lib/api/model";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { isEqual } from "@/lib/schema/merge-patch";
import { choicesOf, fieldsOf, labelOf, type Field } from "@/lib/schema/schema-fields";
import classes from "./file-preview.module.css";
import { optionText } from "./preview-texts";

interface ChangedSettingsProps {
  type: DatasourceType;
  options: JsonObject;
  /** The options that have their own controls. */
  besides: ReadonlySet<string>;
  onChange: (change: JsonObject) => void;
}

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);

/** Returns the settings for reading a file that differ from their defaults. */
function changedFields({ type, options, besides }: ChangedSettingsProps): Field[] {
  const root = type.optionsSchema;
  return fieldsOf(root, root).filter(
    ({ name, schema }) =>
      !besides.has(name) && !isNothing(options[name]) && !isEqual(options[name], schema.default),
  );
}

/**
 * Shows the settings that differ from their defaults, such as those of an accepted suggestion. Each can be changed or
 * removed.
 */
export function ChangedSettings(props: ChangedSettingsProps) {
  const { type, options, onChange } = props;
  const fields = changedFields(props);
  if (fields.length === 0) return null;
  return (
    <Stack gap={6} component="section" aria-label={t`Changed settings`}>
      <Text size="sm" fw={500}>
        <Trans>Changed settings</Trans>
      </Text>
      <Group gap="xs">
        {fields.map((field) => (
          <Setting
            key={field.name}
            field={field}
            root={type.optionsSchema}
            options={options}
            onChange={onChange}
          />
        ))}
      </Group>
    </Stack>
  );
}

interface SettingProps {
  field: Field;
  root: JsonSchema;
  options: JsonObject;
  onChange: (change: JsonObject) => void;
}

function Setting({ field, root, options, onChange }: SettingProps) {
  const { name, schema } = field;
  const label = labelOf(name, schema);
  const { "x-group": _group, "x-when": _when, ...alone } = root.properties?.[name] ?? {};
  return (
    <Group gap={0} wrap="nowrap" className={classes.setting}>
      <Popover position="bottom-start" width={300} trapFocus returnFocus shadow="md">
        <Popover.Target>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            classNames={{ label: classes.suggestionText ?? "" }}
          >
            {label}: {wordsOf(field, options[name])}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <SchemaForm
            schema={{ ...root, required: [], properties: { [name]: alone } }}
            value={{ [name]: options[name] }}
            onChange={(next) => onChange({ [name]: next[name] ?? schema.default ?? null })}
          />
        </Popover.Dropdown>
      </Popover>
      <CloseButton
        size="sm"
        aria-label={t`Remove ${label}`}
        onClick={() => onChange({ [name]: schema.default ?? null })}
      />
    </Group>
  );
}

/** Returns the value of a setting as text. */
function wordsOf({ name, schema }: Field, value: unknown): string {
  if (typeof value === "boolean") return value ? t`Yes` : t`No`;
  if (Array.isArray(value))
    return value.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join(", ");
  const text = String(value);
  return choicesOf(schema)?.find((choice) => choice.value === value)?.label ?? optionText(name, text);
}
