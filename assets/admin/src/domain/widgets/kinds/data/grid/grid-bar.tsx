import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Text, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconArrowBackUp, IconPlus, IconRestore, IconTrash } from "@tabler/icons-react";
import { formatNumber } from "@/lib/format/format";
import type { Counts } from "./draft/grid-draft";
import classes from "./grid.module.css";

interface GridBarProps {
  label: string;
  rows: LoadedRows;
  counts: Counts;
  conflicts: number;
  problems: number;
  /** Why the selected cell is invalid. */
  problem: string | undefined;
  /** Why nothing can be saved here; null if it can. */
  refusal: string | null;
  isSaving: boolean;
  /** Null where rows cannot be added. */
  onAdd: (() => void) | null;
  /** Deletes the selected rows; null where rows cannot be deleted. */
  onDelete: (() => void) | null;
  /** Takes back the changes of the selected rows; null if there are none. */
  onRestore: (() => void) | null;
  onUndo: (() => void) | null;
  onConflicts: () => void;
  /** Selects the first invalid cell. */
  onProblem: () => void;
  onReview: () => void;
  onDiscard: () => void;
  onSave: () => void;
}

/** The rows that the query returned. */
export interface LoadedRows {
  count: number;
  /** Whether there are more. */
  isTruncated: boolean;
}

/** Tells how many rows are there, and whether some are missing. */
export function RowCount({ count: rows, isTruncated }: LoadedRows) {
  const shown = formatNumber(rows);
  if (!isTruncated)
    return <span className={classes.rowCount}>{plural(rows, { one: "# row", other: "# rows" })}</span>;
  return (
    <Tooltip label={t`The query has more rows. Filter it, or raise its row limit.`}>
      <span className={classes.rowCount} data-cut tabIndex={0}>
        <IconAlertTriangle size={14} aria-hidden />
        <Trans>First {shown} rows</Trans>
      </span>
    </Tooltip>
  );
}

/** Returns what was entered: “3 changed, 1 added”. */
export function countsText({ changed, added, deleted }: Counts): string {
  return [
    changed && plural(changed, { one: "# changed", other: "# changed" }),
    added && plural(added, { one: "# added", other: "# added" }),
    deleted && plural(deleted, { one: "# deleted", other: "# deleted" }),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** What can be done with rows, and with everything that was entered. */
export function GridBar(props: GridBarProps) {
  const { label, counts, conflicts, problems, refusal, isSaving } = props;
  const words = countsText(counts);
  const isDirty = words !== "";
  return (
    <div className={classes.bar} role="toolbar" aria-label={t`Changes of ${label}`}>
      {props.onAdd && (
        <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={props.onAdd}>
          <Trans>Add row</Trans>
        </Button>
      )}
      {props.onDelete && (
        <Tool label={t`Delete selected rows`} icon={<IconTrash size={15} />} onClick={props.onDelete} />
      )}
      {isDirty && (
        <>
          <Tool label={t`Restore selected rows`} icon={<IconRestore size={15} />} onClick={props.onRestore} />
          <Tool label={t`Undo`} icon={<IconArrowBackUp size={15} />} onClick={props.onUndo} />
        </>
      )}
      <RowCount {...props.rows} />
      <div className={classes.outcome}>
        <span className={classes.counts} role="status">
          {words}
        </span>
        {props.problem && (
          <Text span size="xs" c="var(--mantine-color-error)">
            {props.problem}
          </Text>
        )}
        {conflicts > 0 && (
          <Button size="xs" variant="light" color="red" onClick={props.onConflicts}>
            {plural(conflicts, { one: "# conflict", other: "# conflicts" })}
          </Button>
        )}
        {problems > 0 && (
          <Button size="xs" variant="light" color="red" onClick={props.onProblem}>
            {plural(problems, { one: "# invalid cell", other: "# invalid cells" })}
          </Button>
        )}
        {isDirty && (
          <>
            <Button size="xs" variant="default" onClick={props.onReview}>
              <Trans>Review</Trans>
            </Button>
            <Button size="xs" variant="default" disabled={isSaving} onClick={props.onDiscard}>
              <Trans>Discard</Trans>
            </Button>
            <Button
              size="xs"
              loading={isSaving}
              disabled={refusal !== null || conflicts > 0 || problems > 0}
              title={refusal ?? (problems > 0 ? t`Correct the marked cells first` : undefined)}
              onClick={props.onSave}
            >
              <Trans>Save</Trans>
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

function Tool({
  label,
  icon,
  onClick,
}: {
  label: string;
  icon: React.ReactNode;
  onClick: (() => void) | null;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        size={30}
        variant="subtle"
        aria-label={label}
        disabled={!onClick}
        onClick={() => onClick?.()}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
