import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Text } from "@mantine/core";
import { useId, useMemo, useRef, useState } from "react";
import { formatNumber } from "@/lib/format/format";
import { notify } from "@/ui/feedback/notify";
import type { Row } from "@/lib/rows/cells";
import { ConfirmAction } from "../../actions/confirm-action";
import { isOn, rowsOf, type WidgetProps } from "../../config";
import { Hint } from "../../hint";
import { useWidgetActions } from "../../host";
import { useShown } from "../../shown";
import { listProblems } from "./cell-problems";
import { Conflicts } from "./conflicts";
import { useGridDraft, type DraftState } from "./draft/draft-store";
import { cellID, problemsOf } from "./draft/grid-changes";
import {
  addRows,
  countsOf,
  deleteRows,
  isEmpty,
  linesOf,
  restoreRows,
  rowID,
  type Line,
  type Shape,
} from "./draft/grid-draft";
import { gridFields, keyColumns, type GridField } from "./draft/grid-fields";
import { countsText, GridBar, RowCount, type LoadedRows } from "./grid-bar";
import { Review } from "./review";
import { rectangleOf, within, at, type Place, type Selection } from "./sheet/selection";
import { Sheet } from "./sheet/sheet";
import { sheetActions } from "./sheet/sheet-actions";
import { useReferences } from "./use-references";
import { failureText, MOST_CHANGES, useSave, type SaveState } from "./use-save";
import classes from "./grid.module.css";

type OpenDialog = "review" | "conflicts" | "discard" | null;

/** The columns of the grid, and its rows with what was entered. */
function useGridLines({ config, result, id }: WidgetProps, { draft }: DraftState) {
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const plain = useMemo(() => gridFields(config, columns, rows), [config, columns, rows]);
  const fields = useReferences(id, plain, rows);
  const key = useMemo(() => keyColumns(config), [config]);
  const shape = useMemo(() => ({ key, fields }), [key, fields]);
  const lines = useMemo(() => linesOf(shape, rows, draft), [shape, rows, draft]);
  useShownRows(id, fields, lines);
  return { rows, fields, key, shape, lines };
}

/** Rows that are edited like a spreadsheet: everything entered is saved together. */
export function GridWidget(props: WidgetProps) {
  const { config, label, id } = props;
  const own = useId();
  const state = useGridDraft(id ?? own);
  const { refresh, building } = useWidgetActions();
  const { rows, fields, key, shape, lines } = useGridLines(props, state);
  const saving = useSave(id, state, fields);
  const [chosen, setChosen] = useState<Selection>(at(0, 0));
  const [dialog, setDialog] = useState<OpenDialog>(null);
  const root = useRef<HTMLDivElement>(null);
  const selection = within(chosen, {
    rows: Math.max(1, lines.length),
    columns: Math.max(1, fields.length),
    page: 1,
  });
  const invalid = useMemo(() => problemsOf(fields, state.draft), [fields, state.draft]);
  if (fields.length === 0) return <Hint text={t`Add columns in the settings of this widget.`} />;

  // In the editor, entering can be tried out.
  const isReadOnly = saving.refusal !== null && !building;
  const adding = isOn(config, "adding") && !isReadOnly;
  const change: typeof state.change = (next) => {
    saving.clearError();
    state.change(next);
  };
  const { undo, redo } = state;
  const problems = { ...invalid, ...state.refusals };
  const onFailure = (error: unknown) => notify.failed(error, t`Nothing was pasted`);
  const actions = sheetActions({ shape, lines, adding, isReadOnly, change, undo, redo, onFailure });
  const goTo = ({ row, column }: Place) => {
    setChosen(at(row, column));
    root.current?.querySelector<HTMLElement>("[role=grid]")?.focus();
  };
  const add = () => {
    change((draft) => addRows(draft, 1).draft);
    goTo({ row: lines.length, column: firstOpen(fields) });
  };
  const save = async () => {
    const isSaved = await saving.save();
    setDialog(isSaved ? null : "conflicts");
  };
  const hasConflicts = Object.keys(state.conflicts).length > 0;
  return (
    <div ref={root} className={classes.grid}>
      <Sheet
        label={label}
        fields={fields}
        lines={lines}
        rowHeight={isOn(config, "compact") ? 28 : 34}
        problems={problems}
        conflicts={state.conflicts}
        selection={selection}
        onSelection={setChosen}
        actions={actions}
      />
      <Notices
        failure={hasConflicts ? null : saving.error}
        refusals={saving.refused}
        isWithoutKey={!isReadOnly && rows.some((row) => rowID(key, row) === null)}
        count={countsOf(state.draft)}
        onRefresh={refresh}
      />
      <Foot
        {...{ label, state, saving, lines, selection, shape, invalid, change, goTo }}
        rows={{ count: rows.length, isTruncated: props.result?.truncated === true }}
        isReadOnly={isReadOnly}
        onAdd={adding ? add : null}
        deleting={isOn(config, "deleting")}
        onDialog={setDialog}
        onSave={() => void save()}
      />
      <Dialogs
        {...{ dialog, state, saving, lines, shape, problems, adding, refresh }}
        isInvalid={Object.keys(invalid).length > 0}
        onProblem={(place) => {
          setDialog(null);
          goTo(place);
        }}
        onSave={() => void save()}
        onConflicts={() => setDialog("conflicts")}
        onClose={() => setDialog(null)}
      />
    </div>
  );
}

interface FootProps {
  label: string;
  rows: LoadedRows;
  state: DraftState;
  saving: SaveState;
  shape: Shape;
  lines: readonly Line[];
  selection: Selection;
  /** Why cells are invalid. */
  invalid: Readonly<Record<string, string>>;
  isReadOnly: boolean;
  /** Whether rows may be deleted. */
  deleting: boolean;
  change: DraftState["change"];
  goTo: (place: Place) => void;
  /** Adds a row; null where that is not allowed. */
  onAdd: (() => void) | null;
  onDialog: (dialog: OpenDialog) => void;
  onSave: () => void;
}

/** What is below the rows: how many there are, and what can be done with them. */
function Foot(props: FootProps) {
  const { label, rows, state, saving, shape, lines, selection, invalid, isReadOnly, deleting } = props;
  const { change, goTo, onAdd, onDialog, onSave } = props;
  if (isReadOnly)
    return (
      <div className={classes.bar}>
        <RowCount {...rows} />
      </div>
    );
  const selected = selectedLines(lines, selection);
  const { row, column } = selection.focus;
  return (
    <GridBar
      label={label}
      rows={rows}
      counts={countsOf(state.draft)}
      conflicts={Object.keys(state.conflicts).length}
      problems={Object.keys(invalid).length}
      problem={invalid[cellID(lines[row]?.id ?? "", shape.fields[column]?.field ?? "")]}
      refusal={saving.refusal}
      isSaving={saving.isSaving}
      onAdd={onAdd}
      onDelete={
        deleting && selected.length ? () => change((draft) => deleteRows(shape, draft, selected)) : null
      }
      onRestore={restorer(state, selected)}
      onUndo={state.canUndo ? state.undo : null}
      onConflicts={() => onDialog("conflicts")}
      onProblem={() => {
        const [first] = listProblems(invalid, shape, lines);
        if (first) goTo(first.place);
      }}
      onReview={() => onDialog("review")}
      onDiscard={() => onDialog("discard")}
      onSave={onSave}
    />
  );
}

interface DialogsProps {
  dialog: OpenDialog;
  state: DraftState;
  saving: SaveState;
  lines: readonly Line[];
  shape: Shape;
  adding: boolean;
  /** Why cells cannot be saved. */
  problems: Readonly<Record<string, string>>;
  /** Whether some of these are known without the server. */
  isInvalid: boolean;
  onProblem: (place: Place) => void;
  refresh: () => void;
  onSave: () => void;
  onConflicts: () => void;
  onClose: () => void;
}

function Dialogs(props: DialogsProps) {
  const { dialog, state, saving, lines, shape, adding, problems, isInvalid, onProblem } = props;
  const { refresh, onSave, onConflicts, onClose } = props;
  const { fields } = shape;
  const hasConflicts = Object.keys(state.conflicts).length > 0;
  return (
    <>
      {dialog === "review" && !isEmpty(state.draft) && (
        <Review
          draft={state.draft}
          fields={fields}
          refusal={saving.refusal}
          problems={listProblems(problems, shape, lines)}
          isInvalid={isInvalid}
          isSaving={saving.isSaving}
          preview={saving.preview}
          onSave={onSave}
          onConflicts={onConflicts}
          onProblem={onProblem}
          onClose={onClose}
        />
      )}
      {dialog === "conflicts" && hasConflicts && (
        <Conflicts
          state={state}
          lines={lines}
          fields={fields}
          adding={adding}
          onClose={onClose}
          onSettled={refresh}
        />
      )}
      {dialog === "discard" && (
        <ConfirmAction
          title={t`Discard changes?`}
          question={countsText(countsOf(state.draft))}
          verb={t`Discard`}
          danger
          onClose={onClose}
          onConfirm={() => {
            saving.clearError();
            state.discard();
          }}
        />
      )}
    </>
  );
}

/** Returns the first column that can be set in a new row. */
function firstOpen(fields: readonly GridField[]): number {
  const found = fields.findIndex(({ inNew }) => inNew);
  return Math.max(0, found);
}

/** Returns the lines of the selected rows. */
function selectedLines(lines: readonly Line[], selection: Selection): Line[] {
  const { top, bottom } = rectangleOf(selection);
  return lines.slice(top, bottom + 1);
}

/** Returns what takes back the changes of rows; null if none of them has any. */
function restorer(state: DraftState, selected: readonly Line[]): (() => void) | null {
  const ids = selected.filter((line) => line.state !== "same").map((line) => line.id);
  return ids.length ? () => state.change((draft) => restoreRows(draft, ids)) : null;
}

/** Publishes the shown rows for downloads. */
function useShownRows(
  id: string | undefined,
  fields: readonly { field: string; label: string }[],
  lines: readonly Line[],
) {
  const shown = useMemo(
    () => ({
      columns: fields.map(({ field, label }) => ({ field, label, figure: false })),
      rows: lines.map(({ row }): Row => row),
    }),
    [fields, lines],
  );
  useShown(id, shown);
}

interface NoticesProps {
  failure: unknown;
  refusals: readonly string[];
  isWithoutKey: boolean;
  count: ReturnType<typeof countsOf>;
  onRefresh: () => void;
}

/** Says why something was not saved, or cannot be. */
function Notices({ failure, refusals, isWithoutKey, count, onRefresh }: NoticesProps) {
  const total = count.changed + count.added + count.deleted;
  const [first] = refusals;
  return (
    <>
      {isWithoutKey && (
        <Text className={classes.notice} role="alert">
          <Trans>Rows without a key cannot be changed: let the query return every key column.</Trans>
        </Text>
      )}
      {total > MOST_CHANGES && (
        <Text className={classes.notice} role="alert" data-alert>
          <Trans>At most {formatNumber(MOST_CHANGES)} rows can be saved at once.</Trans>
        </Text>
      )}
      {Boolean(failure) && (
        <div className={classes.notice} role="alert" data-alert>
          <span>{first ?? failureText(failure)}</span>
          {refusals.length > 1 && (
            <span>{plural(refusals.length - 1, { one: "and # more", other: "and # more" })}</span>
          )}
          <Button size="compact-xs" variant="default" onClick={onRefresh}>
            <Trans>Refresh data</Trans>
          </Button>
        </div>
      )}
    </>
  );
}
