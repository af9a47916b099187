import { t } from "@lingui/core/macro";
import { Autocomplete, Input, Stack, Text } from "@mantine/core";
import { AddButton, RemoveButton } from "@/domain/schema-form/collection-fields";
import {
  useFormContext,
  useInputProps,
  type FieldProps,
  type FieldRenderer,
} from "@/domain/schema-form/context";
import formClasses from "@/domain/schema-form/schema-form.module.css";
import type { JsonObject } from "@/lib/api/model";
import { useDraft, useRowIds } from "@/lib/draft";
import { isObject } from "@/lib/is-object";
import { cellText, type Row } from "@/lib/rows/cells";
import { joinPath } from "@/lib/schema/paths";
import { prose } from "@/ui/text/prose";
import { textOf } from "../../kinds/config";
import { ColorSelect } from "./color-select";

function ColorField(props: FieldProps) {
  const { label, description, error } = { description: undefined, ...useInputProps(props) } as {
    label?: React.ReactNode;
    description?: React.ReactNode;
    error?: string | undefined;
  };
  return (
    <ColorSelect
      label={props.label}
      bare={label === undefined}
      description={description}
      value={props.value}
      error={error}
      onChange={props.onChange}
    />
  );
}

/** The settings that name the column whose values have colors, by type of widget. */
const COLORED: Partial<Record<string, string>> = { pie: "label", funnel: "label", scatter: "group" };

/** Returns the column whose values have colors; empty without one. */
const coloredColumn = (type: string, config: JsonObject): string => textOf(config, COLORED[type] ?? "split");

/** The most values that are offered. */
const MOST_VALUES = 100;

function valuesIn(rows: readonly Row[], field: string): string[] {
  const found = new Set<string>();
  for (const row of rows) {
    const value = row[field];
    if (value !== null && value !== undefined && typeof value !== "object") found.add(cellText(value));
    if (found.size >= MOST_VALUES) break;
  }
  return [...found];
}

type Line = [value: string, color: string];

/** Edits the colors of the values of a column: one line each. */
function ValueColorsField({
  known,
  field,
  ...props
}: FieldProps & { known: readonly string[]; field: string }) {
  const { errors } = useFormContext();
  const { path, label, schema, value, onChange } = props;
  const { draft: lines, change } = useDraft<unknown, Line[]>({
    value,
    print: (colors) =>
      isObject(colors) ? Object.entries(colors).map(([key, color]) => [key, String(color)]) : [],
    parse: (all) => ({ value: Object.fromEntries(all.filter(([key]) => key !== "")) }),
    onChange,
  });
  const ids = useRowIds(lines);
  const set = (index: number, line: Line) => change(lines.map((old, at) => (at === index ? line : old)));
  const unused = known.filter((one) => !lines.some(([key]) => key === one));
  if (!field && lines.length === 0) return null;
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      description={prose(schema.description)}
      error={errors[path]}
    >
      <Stack gap="sm" mt={4}>
        {lines.map(([key, color], index) => (
          <div key={ids[index]} className={formClasses.row}>
            <div className={formClasses.cells}>
              <Autocomplete
                aria-label={t`Value ${index + 1}`}
                placeholder={t`Value`}
                data={key && !unused.includes(key) ? [key, ...unused] : unused}
                value={key}
                spellCheck={false}
                onChange={(next) => set(index, [next, color])}
              />
              <ColorSelect
                bare
                label={t`Color of ${key || t`value ${index + 1}`}`}
                value={color}
                error={errors[joinPath(path, key)]}
                onChange={(next) => set(index, [key, next ?? "auto"])}
              />
            </div>
            <RemoveButton
              label={key || t`value ${index + 1}`}
              onClick={() => change(lines.filter((_, at) => at !== index))}
            />
          </div>
        ))}
        {field ? (
          <AddButton onClick={() => change([...lines, [unused[0] ?? "", "blue"]])} />
        ) : (
          <Text size="xs" c="dimmed">
            {t`Select the column of these values first: without it, their colors are not used.`}
          </Text>
        )}
      </Stack>
    </Input.Wrapper>
  );
}

/** Renders the settings of colors. `rows` are the data, whose values are offered. */
export function colorRenderers(
  type: string,
  config: JsonObject,
  rows: readonly Row[],
): Record<string, FieldRenderer> {
  const field = coloredColumn(type, config);
  return {
    color: (props) => <ColorField {...props} />,
    valueColors: (props) => <ValueColorsField {...props} field={field} known={valuesIn(rows, field)} />,
  };
}
