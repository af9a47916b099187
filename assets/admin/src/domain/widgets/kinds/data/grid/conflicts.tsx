import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { printValue } from "./draft/cell-values";
import type { DraftState } from "./draft/draft-store";
import { keepMine, type Conflict } from "./draft/grid-changes";
import { restoreRows, type Line } from "./draft/grid-draft";
import type { GridField } from "./draft/grid-fields";
import classes from "./grid.module.css";

interface ConflictsProps {
  state: DraftState;
  lines: readonly Line[];
  fields: readonly GridField[];
  /** Whether a deleted row may be added again. */
  adding: boolean;
  onClose: () => void;
  /** Reloads the rows, to show what others have changed. */
  onSettled: () => void;
}

/** Lets a person decide about every row that someone else has changed. */
export function Conflicts({ state, lines, fields, adding, onClose, onSettled }: ConflictsProps) {
  const { draft, conflicts, settle } = state;
  const ids = Object.keys(conflicts);
  const decide = (id: string, next: Parameters<typeof settle>[1]) => {
    settle(id, next);
    if (ids.length > 1) return;
    onClose();
    onSettled();
  };
  const loadedOf = (id: string) => lines.find((line) => line.id === id)?.loaded ?? null;
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t`Changed by someone else`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Stack gap="lg">
        <Text size="sm">
          <Trans>
            Nothing was saved, because these rows changed after you loaded them. Choose what to keep.
          </Trans>
        </Text>
        {ids.map((id) => {
          const conflict = conflicts[id];
          const change = draft.updates[id] ?? draft.deletes[id];
          if (!conflict || !change) return null;
          const name = Object.values(change.key).map(String).join(", ");
          const isRemoval = draft.deletes[id] !== undefined;
          const canKeep = conflict.current !== null || isRemoval || adding;
          return (
            <section key={id} aria-label={t`Row ${name}`}>
              <Text fw={600} size="sm">
                <Trans>Row {name}</Trans>
              </Text>
              {conflict.current === null ? (
                <Text size="sm">
                  <Trans>Deleted by someone else.</Trans>
                </Text>
              ) : (
                <Values conflict={conflict} change={draft.updates[id] ?? null} fields={fields} />
              )}
              <Group gap="xs" mt="xs">
                <Button
                  size="xs"
                  variant="default"
                  disabled={!canKeep}
                  onClick={() => decide(id, (old) => keepMine(old, id, conflict, loadedOf(id), fields))}
                >
                  {isRemoval
                    ? t`Delete anyway`
                    : conflict.current === null
                      ? t`Add the row again`
                      : t`Keep mine`}
                </Button>
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => decide(id, (old) => restoreRows(old, [id]))}
                >
                  <Trans>Use theirs</Trans>
                </Button>
              </Group>
            </section>
          );
        })}
      </Stack>
    </Modal>
  );
}

interface ValuesProps {
  conflict: Conflict;
  /** What was entered; null for a deletion. */
  change: { before: object; after: object } | null;
  fields: readonly GridField[];
}

/** The values of the columns that someone else has changed. */
function Values({ conflict, change, fields }: ValuesProps) {
  const text = (name: string, value: unknown) => {
    const field = fields.find((one) => one.field === name);
    return value === null || value === undefined ? "NULL" : field ? printValue(field, value) : String(value);
  };
  const after: Record<string, unknown> = { ...change?.after };
  return (
    <table className={classes.changes}>
      <thead>
        <tr>
          <th scope="col">{t`Column`}</th>
          <th scope="col">{t`Theirs`}</th>
          <th scope="col">{t`Yours`}</th>
        </tr>
      </thead>
      <tbody>
        {conflict.fields.map((name) => (
          <tr key={name}>
            <td>{fields.find((one) => one.field === name)?.label ?? name}</td>
            <td>{text(name, conflict.current?.[name])}</td>
            <td>{change === null ? t`Deleted` : name in after ? text(name, after[name]) : t`Not changed`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
