import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import type { QueryColumn } from "@/lib/api/model";
import { tones, toneOfWord, type Tone } from "@/lib/format/tones";
import type { FieldErrors } from "@/lib/schema/paths";
import classes from "../data-queries.module.css";
import { formats, types } from "./column-summary";
import colorClasses from "./columns.module.css";

interface ColumnFieldsProps {
  column: QueryColumn;
  /** The type as the datasource names it. */
  type: string;
  /** Its distinct values, if they are few enough to have colors. */
  values: readonly string[];
  errors: FieldErrors;
  path: string;
  /** Null if nothing is declared. */
  onChange: (column: QueryColumn | null) => void;
}

/** Returns the column without fields that declare nothing. */
function cleaned({ name, ...rest }: QueryColumn): QueryColumn | null {
  const isSaid = ([, value]: [string, unknown]) =>
    value !== null &&
    value !== undefined &&
    value !== "" &&
    !(typeof value === "object" && Object.keys(value).length === 0);
  const said = Object.entries(rest).filter(isSaid);
  return said.length > 0 ? { name, ...Object.fromEntries(said) } : null;
}

/** Edits what a query declares about one column. */
export function ColumnFields({ column, type, values, errors, path, onChange }: ColumnFieldsProps) {
  const set = (change: Partial<QueryColumn>) => onChange(cleaned({ ...column, ...change }));
  const colors = column.colors ?? {};
  const colored = [...new Set([...values, ...Object.keys(colors)])];
  const isNumeric =
    column.format !== "date" &&
    column.format !== "datetime" &&
    column.format !== "relative" &&
    column.format !== "text";
  return (
    <Stack gap="sm" className={classes.declaration}>
      <TextInput
        size="xs"
        label={t`Label`}
        value={column.label ?? ""}
        placeholder={column.name}
        maxLength={255}
        error={errors[`${path}.label`]}
        onChange={(event) => set({ label: event.currentTarget.value })}
      />
      <Group gap="sm" grow align="flex-start">
        <Select
          size="xs"
          label={t`Type`}
          data={types}
          value={column.type ?? null}
          placeholder={type === "unknown" ? t`Automatic` : type}
          clearable
          error={errors[`${path}.type`]}
          onChange={(next) => set({ type: next as QueryColumn["type"] })}
        />
        <Select
          size="xs"
          label={t`Format`}
          data={formats}
          value={column.format ?? "auto"}
          error={errors[`${path}.format`]}
          onChange={(next) =>
            set({
              format: next === "auto" ? null : (next as QueryColumn["format"]),
              ...(next === "currency" ? {} : { currency: null }),
            })
          }
        />
      </Group>
      {isNumeric && (
        <Group gap="sm" grow align="flex-start">
          {column.format === "currency" ? (
            <TextInput
              size="xs"
              label={t`Currency`}
              placeholder="EUR"
              value={column.currency ?? ""}
              maxLength={3}
              error={errors[`${path}.currency`]}
              onChange={(event) => set({ currency: event.currentTarget.value.toUpperCase() })}
            />
          ) : (
            <TextInput
              size="xs"
              label={t`Unit`}
              placeholder="kg"
              value={column.unit ?? ""}
              maxLength={40}
              error={errors[`${path}.unit`]}
              onChange={(event) => set({ unit: event.currentTarget.value })}
            />
          )}
          <NumberInput
            size="xs"
            label={t`Decimals`}
            min={0}
            max={10}
            allowDecimal={false}
            value={column.decimals ?? ""}
            error={errors[`${path}.decimals`]}
            onChange={(next) => set({ decimals: typeof next === "number" ? next : null })}
          />
        </Group>
      )}
      <ColorFields
        name={column.name}
        values={colored}
        colors={colors}
        error={errors[`${path}.colors`]}
        onChange={(next) => set({ colors: next })}
      />
    </Stack>
  );
}

const toneLabels: Record<Tone, string> = {
  green: t`Green`,
  blue: t`Blue`,
  violet: t`Violet`,
  amber: t`Amber`,
  red: t`Red`,
  grey: t`Grey`,
};
const toneChoices = tones.map((tone) => ({ value: tone, label: toneLabels[tone] }));

interface ColorFieldsProps {
  name: string;
  values: readonly string[];
  colors: Readonly<Record<string, Tone>>;
  error: string | undefined;
  onChange: (colors: Record<string, Tone>) => void;
}

/** Edits the color of each value. */
function ColorFields({ name, values, colors, error, onChange }: ColorFieldsProps) {
  if (values.length === 0) return null;
  const guessed = values.flatMap((value) => {
    const tone = colors[value] ?? toneOfWord(value);
    return tone ? [[value, tone] as const] : [];
  });
  const hasMore = guessed.length > Object.keys(colors).length;
  return (
    <Stack gap={4} role="group" aria-label={t`Colors of ${name}`}>
      <Group justify="space-between">
        <Text size="xs" fw={500}>
          <Trans>Colors</Trans>
        </Text>
        {hasMore && (
          <Button size="compact-xs" variant="subtle" onClick={() => onChange(Object.fromEntries(guessed))}>
            <Trans>Color known statuses</Trans>
          </Button>
        )}
      </Group>
      {error && (
        <Text size="xs" c="var(--mantine-color-error)">
          {error}
        </Text>
      )}
      {values.map((value) => (
        <Group key={value} gap="sm" wrap="nowrap">
          <span className={colorClasses.swatch} data-tone={colors[value]} aria-hidden />
          <Text size="xs" truncate flex={1} title={value}>
            {value}
          </Text>
          <Select
            size="xs"
            w={104}
            aria-label={t`Color of ${value}`}
            data={toneChoices}
            value={colors[value] ?? null}
            placeholder={t`None`}
            clearable
            onChange={(next) => {
              const { [value]: _, ...rest } = colors;
              onChange(next ? { ...rest, [value]: next as Tone } : rest);
            }}
          />
        </Group>
      ))}
    </Stack>
  );
}
