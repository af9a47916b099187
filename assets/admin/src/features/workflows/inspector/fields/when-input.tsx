import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Group, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useFormContext } from "@/domain/schema-form/context";
import type { JsonObject } from "@/lib/api/model";
import { useRowIds } from "@/lib/draft";
import { isObject } from "@/lib/is-object";
import { joinPath } from "@/lib/schema/paths";
import { ExpressionInput } from "./expression-input";
import classes from "./fields.module.css";
import { ValueInput } from "./text-fields";

const operators = [
  ["equals", t`equals`],
  ["notEquals", t`does not equal`],
  ["contains", t`contains`],
  ["notContains", t`does not contain`],
  ["startsWith", t`starts with`],
  ["endsWith", t`ends with`],
  ["greaterThan", t`is greater than`],
  ["lessThan", t`is less than`],
  ["greaterOrEqual", t`is at least`],
  ["lessOrEqual", t`is at most`],
  ["isEmpty", t`is empty`],
  ["isNotEmpty", t`is not empty`],
  ["matches", t`matches (regex)`],
  ["between", t`is between [low, high]`],
  ["in", t`is one of [list]`],
].map(([value = "", label = ""]) => ({ value, label }));

const WITHOUT_RIGHT = ["isEmpty", "isNotEmpty"];
const emptyRow = { left: "", operator: "equals", right: "" };

interface WhenInputProps {
  path: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** Edits the condition of a branch: one expression, or comparisons of which all or any must be true. */
export function WhenInput({ path, value, onChange }: WhenInputProps) {
  const { errors } = useFormContext();
  const rows = isObject(value);
  return (
    <Stack gap="xs" data-field={path}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={500}>
          <Trans>Condition</Trans>
        </Text>
        <SegmentedControl
          size="xs"
          aria-label={t`Condition format`}
          data={[
            { value: "expression", label: t`Expression` },
            { value: "rows", label: t`Comparisons` },
          ]}
          value={rows ? "rows" : "expression"}
          onChange={(form) => onChange(form === "rows" ? { match: "all", rows: [emptyRow] } : "")}
        />
      </Group>
      {rows ? (
        <Rows path={path} value={value} onChange={onChange} />
      ) : (
        <ExpressionInput
          bare
          aria-label={t`Condition`}
          placeholder={t`input.total > 100`}
          error={errors[path]}
          value={typeof value === "string" ? value : ""}
          onChange={onChange}
        />
      )}
    </Stack>
  );
}

function Rows({
  path,
  value,
  onChange,
}: {
  path: string;
  value: JsonObject;
  onChange: (value: JsonObject) => void;
}) {
  const { errors } = useFormContext();
  const rows = Array.isArray(value["rows"])
    ? value["rows"].map((row): JsonObject => (isObject(row) ? row : {}))
    : [];
  const ids = useRowIds(Array.isArray(value["rows"]) ? value["rows"] : []);
  const setRows = (next: JsonObject[]) => onChange({ ...value, rows: next });
  return (
    <Stack gap="xs">
      {rows.length > 1 && (
        <Select
          size="xs"
          aria-label={t`How conditions are combined`}
          data={[
            { value: "all", label: t`All conditions are met` },
            { value: "any", label: t`Any condition is met` },
          ]}
          value={value["match"] === "any" ? "any" : "all"}
          onChange={(match) => onChange({ ...value, match })}
        />
      )}
      {rows.map((row, index) => (
        <Comparison
          key={ids[index]}
          row={row}
          path={joinPath(joinPath(path, "rows"), index)}
          onChange={(next) => setRows(rows.map((old, at) => (at === index ? next : old)))}
          onRemove={rows.length > 1 ? () => setRows(rows.filter((_, at) => at !== index)) : undefined}
        />
      ))}
      {errors[joinPath(path, "rows")] && (
        <Text size="sm" c="var(--mantine-color-error)">
          {errors[joinPath(path, "rows")]}
        </Text>
      )}
      <div>
        <Button
          size="xs"
          variant="subtle"
          leftSection={<IconPlus size={14} />}
          onClick={() => setRows([...rows, emptyRow])}
        >
          <Trans>Add comparison</Trans>
        </Button>
      </div>
    </Stack>
  );
}

interface ComparisonProps {
  row: JsonObject;
  path: string;
  onChange: (row: JsonObject) => void;
  onRemove: (() => void) | undefined;
}

function Comparison({ row, path, onChange, onRemove }: ComparisonProps) {
  const { errors } = useFormContext();
  const operator = typeof row["operator"] === "string" ? row["operator"] : "equals";
  return (
    <div className={classes.comparison}>
      <ValueInput
        ariaLabel={t`Left side`}
        placeholder="{{ input.country }}"
        error={errors[joinPath(path, "left")]}
        value={row["left"]}
        blank=""
        onChange={(left) => onChange({ ...row, left })}
      />
      <Group gap={4} wrap="nowrap">
        <Select
          aria-label={t`Operator`}
          flex={1}
          data={operators}
          value={operator}
          error={errors[joinPath(path, "operator")]}
          onChange={(next) => onChange({ ...row, operator: next })}
        />
        {onRemove && (
          <ActionIcon aria-label={t`Remove comparison`} onClick={onRemove}>
            <IconTrash size={16} />
          </ActionIcon>
        )}
      </Group>
      {!WITHOUT_RIGHT.includes(operator) && (
        <ValueInput
          ariaLabel={t`Right side`}
          placeholder={operator === "between" ? "[1, 10]" : operator === "in" ? '["a", "b"]' : t`value`}
          error={errors[joinPath(path, "right")]}
          value={row["right"]}
          blank=""
          onChange={(right) => onChange({ ...row, right })}
        />
      )}
    </div>
  );
}
