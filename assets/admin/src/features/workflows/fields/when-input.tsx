import { ActionIcon, Button, Group, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { JsonObject } from "@/lib/api/model";
import { joinPath } from "@/lib/paths";
import { isObject, useFormContext } from "@/ui/schema-form/context";
import { ExpressionInput } from "./expression-input";
import classes from "./fields.module.css";
import { ValueInput } from "./text-fields";

const operators = [
  ["equals", "equals"],
  ["notEquals", "does not equal"],
  ["contains", "contains"],
  ["notContains", "does not contain"],
  ["startsWith", "starts with"],
  ["endsWith", "ends with"],
  ["greaterThan", "is greater than"],
  ["lessThan", "is less than"],
  ["greaterOrEqual", "is at least"],
  ["lessOrEqual", "is at most"],
  ["isEmpty", "is empty"],
  ["isNotEmpty", "is not empty"],
  ["matches", "matches (regex)"],
  ["between", "is between [low, high]"],
  ["in", "is one of [list]"],
].map(([value = "", label = ""]) => ({ value, label }));

const WITHOUT_RIGHT = ["isEmpty", "isNotEmpty"];
const emptyRow = { left: "", operator: "equals", right: "" };

interface WhenInputProps {
  path: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** When a branch holds: one expression, or comparisons that must all or any hold. */
export function WhenInput({ path, value, onChange }: WhenInputProps) {
  const { errors, disabled } = useFormContext();
  const rows = isObject(value);
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={500}>
          When
        </Text>
        <SegmentedControl
          size="xs"
          disabled={disabled}
          aria-label="How to say when"
          data={[
            { value: "expression", label: "Expression" },
            { value: "rows", label: "Comparisons" },
          ]}
          value={rows ? "rows" : "expression"}
          onChange={(form) => onChange(form === "rows" ? { match: "all", rows: [emptyRow] } : "")}
        />
      </Group>
      {rows ? (
        <Rows path={path} value={value} onChange={onChange} />
      ) : (
        <ExpressionInput bare aria-label="When" placeholder="input.total > 100" disabled={disabled} error={errors[path]} value={typeof value === "string" ? value : ""} onChange={onChange} />
      )}
    </Stack>
  );
}

function Rows({ path, value, onChange }: { path: string; value: JsonObject; onChange: (value: JsonObject) => void }) {
  const { errors, disabled } = useFormContext();
  const rows = Array.isArray(value["rows"]) ? value["rows"].map((row): JsonObject => (isObject(row) ? row : {})) : [];
  const setRows = (next: JsonObject[]) => onChange({ ...value, rows: next });
  return (
    <Stack gap="xs">
      {rows.length > 1 && (
        <Select
          size="xs"
          aria-label="How the comparisons go together"
          allowDeselect={false}
          disabled={disabled}
          data={[
            { value: "all", label: "All of these hold" },
            { value: "any", label: "Any of these holds" },
          ]}
          value={value["match"] === "any" ? "any" : "all"}
          onChange={(match) => onChange({ ...value, match })}
        />
      )}
      {rows.map((row, index) => (
        <Comparison
          key={`${index} of ${rows.length}`}
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
        <Button size="xs" variant="subtle" leftSection={<IconPlus size={14} />} disabled={disabled} onClick={() => setRows([...rows, emptyRow])}>
          Add comparison
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
  const { errors, disabled } = useFormContext();
  const operator = typeof row["operator"] === "string" ? row["operator"] : "equals";
  return (
    <div className={classes.comparison}>
      <ValueInput ariaLabel="Left side" placeholder="{{ input.country }}" disabled={disabled} error={errors[joinPath(path, "left")]} value={row["left"]} onChange={(left) => onChange({ ...row, left: left ?? null })} />
      <Group gap={4} wrap="nowrap">
        <Select aria-label="Operator" allowDeselect={false} flex={1} disabled={disabled} data={operators} value={operator} error={errors[joinPath(path, "operator")]} onChange={(next) => onChange({ ...row, operator: next })} />
        {onRemove && (
          <ActionIcon aria-label="Remove this comparison" disabled={disabled} onClick={onRemove}>
            <IconTrash size={16} />
          </ActionIcon>
        )}
      </Group>
      {!WITHOUT_RIGHT.includes(operator) && (
        <ValueInput ariaLabel="Right side" placeholder={operator === "between" ? "[1, 10]" : operator === "in" ? '["a", "b"]' : "value"} disabled={disabled} error={errors[joinPath(path, "right")]} value={row["right"]} onChange={(right) => onChange({ ...row, right: right ?? null })} />
      )}
    </div>
  );
}
