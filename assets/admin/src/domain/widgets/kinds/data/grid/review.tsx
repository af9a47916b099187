import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Button, Group, Loader, Modal, ScrollArea, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { formatNumber } from "@/lib/format/format";
import type { CellProblem } from "./cell-problems";
import { printValue } from "./draft/cell-values";
import { keyText } from "./draft/grid-changes";
import type { GridDraft } from "./draft/grid-draft";
import type { GridField } from "./draft/grid-fields";
import { countsText } from "./grid-bar";
import { countsOf } from "./draft/grid-draft";
import { ProblemList } from "./problem-list";
import type { Place } from "./sheet/selection";
import type { Verdict } from "./use-save";
import classes from "./grid.module.css";

/** The maximum number of lines to list. */
const MOST = 500;

interface ReviewProps {
  draft: GridDraft;
  fields: readonly GridField[];
  /** Why nothing can be saved; null if it can. */
  refusal: string | null;
  /** The cells that cannot be saved: known at once, or refused by the server. */
  problems: readonly CellProblem[];
  /** Whether some of them are known without the server. */
  isInvalid: boolean;
  isSaving: boolean;
  preview: () => Promise<Verdict>;
  onSave: () => void;
  onConflicts: () => void;
  /** Leads to a cell. */
  onProblem: (place: Place) => void;
  onClose: () => void;
}

interface ReviewLine {
  id: string;
  kind: "changed" | "added" | "deleted";
  row: string;
  column: string;
  before: string | null;
  after: string | null;
}

/** Returns every changed value, with the one before. */
function reviewLines(draft: GridDraft, fields: readonly GridField[]): ReviewLine[] {
  const named = (name: string) => fields.find(({ field }) => field === name);
  const text = (name: string, value: unknown): string => {
    const field = named(name);
    return value === null || value === undefined ? "NULL" : field ? printValue(field, value) : String(value);
  };
  const label = (name: string) => named(name)?.label ?? name;
  const changed = Object.entries(draft.updates).flatMap(([id, { key, before, after }]) =>
    Object.entries(after).map(([name, value]): ReviewLine => ({
      id: `${id} ${name}`,
      kind: "changed",
      row: keyText(key),
      column: label(name),
      before: text(name, before[name]),
      after: text(name, value),
    })),
  );
  const added = draft.inserts.map(({ id, values }): ReviewLine => ({
    id,
    kind: "added",
    row: "",
    column: "",
    before: null,
    after: Object.entries(values)
      .map(([name, value]) => `${label(name)}: ${text(name, value)}`)
      .join("\n"),
  }));
  const deleted = Object.entries(draft.deletes).map(([id, { key, before }]): ReviewLine => ({
    id,
    kind: "deleted",
    row: keyText(key),
    column: "",
    before: Object.entries(before)
      .map(([name, value]) => `${label(name)}: ${text(name, value)}`)
      .join("\n"),
    after: null,
  }));
  return [...changed, ...added, ...deleted];
}

/** Shows all changes with the values before and after, and what the database says about them. */
export function Review({
  draft,
  fields,
  refusal,
  problems,
  isInvalid,
  isSaving,
  preview,
  onSave,
  onConflicts,
  onProblem,
  onClose,
}: ReviewProps) {
  const lines = reviewLines(draft, fields);
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [ask] = useState(() => preview);
  // The database would name the first of the cells that are known to be invalid.
  const isAsked = refusal === null && !isInvalid;
  useEffect(() => {
    let isOpen = true;
    if (isAsked) void ask().then((found) => isOpen && setVerdict(found));
    return () => {
      isOpen = false;
    };
  }, [ask, isAsked]);
  const kinds = { changed: t`Changed`, added: t`Added`, deleted: t`Deleted` };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t`Review changes`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Stack gap="md">
        <Text size="sm">{countsText(countsOf(draft))}</Text>
        {problems.length > 0 && <ProblemList problems={problems} onProblem={onProblem} />}
        {(refusal !== null || problems.length === 0 || verdict?.isContested) && (
          <VerdictNote verdict={verdict} refusal={refusal} />
        )}
        <ScrollArea.Autosize mah="50vh" type="auto" viewportProps={{ tabIndex: 0 }}>
          <table className={classes.changes}>
            <thead>
              <tr>
                <th scope="col">{t`Type`}</th>
                <th scope="col">{t`Row`}</th>
                <th scope="col">{t`Column`}</th>
                <th scope="col">{t`Before`}</th>
                <th scope="col">{t`After`}</th>
              </tr>
            </thead>
            <tbody>
              {lines.slice(0, MOST).map(({ id, kind, row, column, before, after }) => (
                <tr key={id}>
                  <td>{kinds[kind]}</td>
                  <td>{row}</td>
                  <td>{column}</td>
                  <td style={{ whiteSpace: "pre-wrap" }}>
                    {before !== null && <del className={classes.before}>{before}</del>}
                  </td>
                  <td style={{ whiteSpace: "pre-wrap" }}>{after}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea.Autosize>
        {lines.length > MOST && (
          <Text size="sm" c="var(--jet-muted)">
            <Trans>
              The first {formatNumber(MOST)} of {formatNumber(lines.length)} changed values are listed.
            </Trans>
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Keep editing</Trans>
          </Button>
          {verdict?.isContested ? (
            <Button onClick={onConflicts}>
              <Trans>Resolve conflicts</Trans>
            </Button>
          ) : (
            <Button
              loading={isSaving}
              disabled={refusal !== null || isInvalid || verdict?.accepted === false}
              onClick={onSave}
            >
              <Trans>Save</Trans>
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

function VerdictNote({ verdict, refusal }: { verdict: Verdict | null; refusal: string | null }) {
  if (refusal !== null) return <Text size="sm">{refusal}</Text>;
  if (!verdict)
    return (
      <Group gap="xs">
        <Loader size={14} />
        <Text size="sm">
          <Trans>Checking with the database…</Trans>
        </Text>
      </Group>
    );
  return (
    <Alert
      color={verdict.accepted ? "green" : "red"}
      icon={verdict.accepted ? <IconCircleCheck size={16} /> : <IconAlertTriangle size={16} />}
      style={{ whiteSpace: "pre-line", overflowWrap: "anywhere" }}
    >
      {verdict.message}
    </Alert>
  );
}
