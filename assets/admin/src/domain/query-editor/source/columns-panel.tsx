import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Stack, Text, Tooltip } from "@mantine/core";
import { IconAdjustments, IconWand } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { rowsOf } from "@/domain/widgets/kinds/config";
import type { Column, DataQueryDraft, QueryColumn, QueryResult } from "@/lib/api/model";
import { columnFormat, withDeclared } from "@/lib/format/columns";
import { cellText, type Row } from "@/lib/rows/cells";
import { hasErrorBelow, type FieldErrors } from "@/lib/schema/paths";
import classes from "../data-queries.module.css";
import type { Runner } from "../run";
import { ColumnFields } from "./column-fields";
import { summaryOf } from "./column-summary";
import { proposeColumns } from "./proposals";

interface ColumnsPanelProps {
  draft: DataQueryDraft;
  set: (change: Partial<DataQueryDraft>) => void;
  errors: FieldErrors;
  runner: Runner;
  readOnly: boolean;
}

const none: QueryResult["data"] = [];

/** Edits how the columns of the results are shown, with proposals from the last result. */
export function ColumnsPanel({ draft, set, errors, runner, readOnly }: ColumnsPanelProps) {
  const { columns: declared } = draft;
  const { result } = runner;
  const { rows, columns } = useMemo(
    () =>
      rowsOf(
        result ?? { data: none, columns: [], rowCount: 0, truncated: false, durationMs: 0, cache: "off" },
      ),
    [result],
  );
  const proposals = useMemo(() => proposeColumns(columns, rows, declared), [columns, rows, declared]);
  const [open, setOpen] = useState<string | null>(null);
  const known = new Set(columns.map(({ name }) => name));
  const all: Column[] = [
    ...columns,
    ...declared.filter(({ name }) => !known.has(name)).map(({ name }) => ({ name, type: "unknown" })),
  ];
  const described = withDeclared(all, declared);
  const change = (name: string, next: QueryColumn | null) => {
    const rest = declared.filter((one) => one.name !== name);
    const at = declared.findIndex((one) => one.name === name);
    if (!next) set({ columns: rest });
    else if (at >= 0) set({ columns: declared.map((one, index) => (index === at ? next : one)) });
    else set({ columns: [...declared, next] });
  };
  if (all.length === 0)
    return (
      <Text size="sm" c="dimmed">
        <Trans>
          Run the query to set labels, formats and colors for its columns. Tables, charts, forms and exports
          use them.
        </Trans>
      </Text>
    );
  return (
    <Stack gap={0} component="section" aria-label={t`Columns`}>
      {!readOnly && proposals.length > 0 && (
        <Button
          size="xs"
          variant="light"
          mb="sm"
          leftSection={<IconWand size={14} />}
          onClick={() => set({ columns: [...declared, ...proposals] })}
        >
          <Trans>Apply suggestions ({proposals.length})</Trans>
        </Button>
      )}
      {all.map(({ name, type }) => {
        const index = declared.findIndex((one) => one.name === name);
        const about = declared[index];
        const path = `columns[${index}]`;
        return (
          <div key={name} className={classes.parameter}>
            <Heading
              name={name}
              about={about}
              proposal={readOnly ? undefined : proposals.find((one) => one.name === name)}
              sample={sampleOf(described, name, rows)}
              missing={result !== null && columns.length > 0 && !known.has(name)}
              open={open === name}
              onToggle={readOnly ? null : () => setOpen(open === name ? null : name)}
              onApply={(proposal) => change(name, proposal)}
            />
            {!readOnly && (open === name || (index >= 0 && hasErrorBelow(errors, path))) && (
              <ColumnFields
                column={about ?? { name }}
                type={type}
                values={valuesOf(rows, name)}
                errors={errors}
                path={path}
                onChange={(next) => change(name, next)}
              />
            )}
          </div>
        );
      })}
    </Stack>
  );
}

/** Returns the first value of a column, as it is shown. */
function sampleOf(columns: readonly Column[], name: string, rows: readonly Row[]): string {
  const first = rows.find((row) => row[name] !== null && row[name] !== undefined && row[name] !== "");
  return first ? columnFormat(columns, name, rows).text(first[name]) : "";
}

/** The most distinct values that are offered for colors. */
const MOST_VALUES = 12;

function valuesOf(rows: readonly Row[], name: string): string[] {
  const found = new Set<string>();
  for (const row of rows) {
    const value = row[name];
    if (value !== null && value !== undefined && value !== "" && typeof value !== "object")
      found.add(cellText(value));
    if (found.size > MOST_VALUES) return [];
  }
  return [...found];
}

interface HeadingProps {
  name: string;
  about: QueryColumn | undefined;
  proposal: QueryColumn | undefined;
  sample: string;
  /** Whether the last result lacks the column. */
  missing: boolean;
  open: boolean;
  /** Null if nothing can be changed. */
  onToggle: (() => void) | null;
  onApply: (proposal: QueryColumn) => void;
}

function Heading({ name, about, proposal, sample, missing, open, onToggle, onApply }: HeadingProps) {
  return (
    <>
      <Group gap={6} wrap="nowrap">
        <Text span ff="monospace" size="sm" fw={500} truncate title={name}>
          {name}
        </Text>
        <Text span size="xs" c="dimmed" truncate flex={1} title={sample}>
          {sample}
        </Text>
        {onToggle && (
          <Tooltip label={open ? t`Close column` : t`Edit column`}>
            <ActionIcon
              size="sm"
              aria-label={t`Settings of column ${name}`}
              aria-expanded={open}
              onClick={onToggle}
            >
              <IconAdjustments size={14} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
      {missing && (
        <Text size="xs" c="var(--mantine-color-error)">
          <Trans>The last result has no such column.</Trans>
        </Text>
      )}
      {about && (
        <Text size="xs" c="dimmed" truncate>
          {summaryOf(about)}
        </Text>
      )}
      {proposal && (
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconWand size={12} />}
          aria-label={t`Apply the suggestion for ${name}: ${summaryOf(proposal)}`}
          onClick={() => onApply(proposal)}
        >
          {summaryOf(proposal)}
        </Button>
      )}
    </>
  );
}
