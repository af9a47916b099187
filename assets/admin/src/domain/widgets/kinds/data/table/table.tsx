import { t } from "@lingui/core/macro";
import { ActionIcon, Button, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { isNumericFormat } from "@/lib/format/figures";
import { formatNumber } from "@/lib/format/format";
import type { Row } from "@/lib/rows/cells";
import { fillText, type Scope } from "@/lib/templates/placeholders";
import { DataGrid, type GridColumn } from "@/ui/data-grid/data-grid";
import type { Action } from "../../actions/action-config";
import { ActionOutcome } from "../../actions/action-outcome";
import { ConfirmAction, questionFor } from "../../actions/confirm-action";
import { Problem } from "../../actions/problem";
import { useAction, useRefusal } from "../../actions/use-action";
import { isChosen, isOn, rowsOf, type WidgetProps } from "../../config";
import { usePresentVariables, useWidgetActions, useWidgetVariables } from "../../host";
import { useShown } from "../../shown";
import { cellWords } from "./cell-words";
import { Cell, EditableCell } from "./table-cells";
import {
  arrangeColumns,
  colorRules,
  largestIn,
  offeredFor,
  rowActions,
  tableColumns,
  toneFor,
  type WidgetRowAction,
  type TableColumn,
} from "./table-columns";
import { TableTools } from "./table-tools";
import { useArrangement, useFoundRows, usePages, useServerPages, type Pages } from "./table-view";
import classes from "./table.module.css";

/** Up to this number of rows there is no search. */
const FEW = 8;

/** The confirmation of an action. */
interface Asked {
  title: string;
  question: string;
  verb: string;
  danger: boolean;
  run: () => void;
}

export function TableWidget(props: WidgetProps) {
  const { config, label, id, onSelect } = props;
  const server = useServerPages(props);
  const { rows, columns } = useMemo(() => rowsOf(server.answer), [server.answer]);
  const known = useMemo(() => tableColumns(config, columns, rows), [config, columns, rows]);
  const [arrangement, setArrangement] = useArrangement(id, known);
  const arranged = useMemo(
    () => arrangeColumns(known, arrangement).filter(({ field }) => !arrangement.hidden.includes(field)),
    [known, arrangement],
  );
  const view = useFoundRows(rows, known, arranged);
  const local = usePages(view.found, config);
  const paged = isOn(config, "serverPaging");
  const pages = paged ? server.pages : local.pages;
  const acts = useActs(id);
  const variables = useWidgetVariables(onSelect !== undefined);
  const drawn = useDrawn(props, rows, arranged, acts);
  useShown(
    id,
    useMemo(
      () => ({
        columns: arranged.map(({ field, label: words }) => ({ field, label: words, figure: false })),
        rows: paged ? rows : view.found,
      }),
      [arranged, paged, rows, view.found],
    ),
  );
  const actions = useMemo(() => rowActions(config), [config]);
  // A few rows need no tools.
  const tooled =
    config["tools"] !== false &&
    (paged ||
      rows.length > FEW ||
      view.filters.length > 0 ||
      view.text !== "" ||
      arrangement.hidden.length > 0);
  const restart =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      local.pages?.go(0);
    };
  return (
    <div className={classes.table} aria-busy={server.waiting || undefined}>
      {tooled && (
        <TableTools
          label={label}
          columns={known}
          text={view.text}
          onText={restart(view.setText)}
          filters={view.filters}
          onFilters={restart(view.setFilters)}
          arrangement={arrangement}
          onArrangement={setArrangement}
          columnsOnly={paged}
        />
      )}
      {server.error ? (
        <Problem error={server.error} onRetry={server.retry} />
      ) : (
        <DataGrid
          rows={paged ? rows : local.shown}
          columns={drawn}
          label={label}
          rowHeight={isOn(config, "compact") ? 28 : 34}
          order={paged ? null : view.order}
          onOrder={paged ? () => undefined : view.setOrder}
          sortable={!paged}
          onRow={onSelect}
          isChosen={onSelect && ((row) => isChosen(config, row, variables))}
          rowActions={
            actions.length
              ? {
                  width: widthFor(actions),
                  render: (row) => <RowActions actions={actions} row={row} acts={acts} />,
                }
              : undefined
          }
        />
      )}
      <Foot
        pages={pages}
        count={paged ? rows.length : view.found.length}
        filtered={view.found.length < rows.length}
      />
      <ActionOutcome action={acts.running} />
      {acts.asked && (
        <ConfirmAction
          title={acts.asked.title}
          question={acts.asked.question}
          verb={acts.asked.verb}
          danger={acts.asked.danger}
          onClose={() => acts.ask(null)}
          onConfirm={acts.asked.run}
        />
      )}
    </div>
  );
}

/** Runs row actions and cell edits: one at a time, after confirmation if configured. */
function useActs(id: string | undefined) {
  const { building } = useWidgetActions();
  const variables = usePresentVariables();
  const running = useAction(id);
  const refusalOf = useRefusal();
  const [asked, ask] = useState<Asked | null>(null);
  const start = (action: Action, scope: Scope, name: string) =>
    void running.start(action, scope, { name, done: "" });
  const act = ({ label, action, confirm, danger }: WidgetRowAction, row: Row) => {
    const scope = { row, vars: variables() };
    const question = questionFor(fillText(confirm, scope), building);
    if (question)
      ask({ title: `${label}?`, question, verb: label, danger, run: () => start(action, scope, label) });
    else start(action, scope, label);
  };
  const change = (column: TableColumn, row: Row, value: unknown) => {
    const { edit, label } = column;
    if (!edit) return;
    const question = t`Changes “${cellWords(column, row[column.field])}” to “${cellWords(column, value)}”.`;
    ask({
      title: t`Update ${label}?`,
      question,
      verb: t`Update`,
      danger: false,
      run: () => start(edit.action, { row, vars: variables(), value }, t`Edit ${label}`),
    });
  };
  return { running, refusalOf, asked, ask, act, change };
}

type Acts = ReturnType<typeof useActs>;

function useDrawn(
  { config }: WidgetProps,
  rows: readonly Row[],
  columns: readonly TableColumn[],
  acts: Acts,
): GridColumn[] {
  const rules = useMemo(() => colorRules(config), [config]);
  return columns.map((column) => {
    const { field, label, type, style, display, edit } = column;
    const largest = display === "bar" ? largestIn(rows, field) : 0;
    const aligned =
      style.format === undefined || style.format === "auto"
        ? {}
        : { align: isNumericFormat(style.format) ? ("right" as const) : ("left" as const) };
    return {
      name: field,
      label,
      type,
      ...aligned,
      format: (value: unknown) => cellWords(column, value),
      // A bar needs room beside its value, an editable cell for its icon.
      room: (display === "bar" ? 64 : display === "badge" ? 12 : 0) + (edit ? 18 : 0),
      render: (value: unknown, row: Row) => {
        const cell = { column, largest, tone: display === "badge" ? toneFor(rules, row, field) : undefined };
        return edit ? (
          <EditableCell
            {...cell}
            row={row}
            refusal={acts.refusalOf(edit.action)}
            onEntered={(next) => acts.change(column, row, next)}
          />
        ) : (
          <Cell {...cell} value={value} />
        );
      },
      // A badge shows the color itself.
      tone: (row: Row) => (display === "badge" ? undefined : toneFor(rules, row, field)),
    };
  });
}

/** Rows are separate grids, so the width of their actions is estimated from the labels. */
const widthFor = (actions: readonly WidgetRowAction[]) =>
  actions.reduce((sum, { label }) => sum + label.length * 7 + 24, 16);

function RowActions({ actions, row, acts }: { actions: readonly WidgetRowAction[]; row: Row; acts: Acts }) {
  return offeredFor(actions, row).map((action) => {
    const refusal = acts.refusalOf(action.action);
    return (
      <Button
        key={action.label}
        size="compact-xs"
        variant="default"
        {...(action.danger ? { c: "var(--mantine-color-error)" } : {})}
        disabled={refusal !== null || acts.running.busy}
        title={refusal ?? undefined}
        onClick={() => acts.act(action, row)}
      >
        {action.label}
      </Button>
    );
  });
}

function Foot({ pages, count, filtered }: { pages: Pages | null; count: number; filtered: boolean }) {
  if (!pages && !filtered) return null;
  const words = !pages
    ? count === 0
      ? t`No results`
      : t`Matches: ${formatNumber(count)}`
    : pages.total === null
      ? t`${formatNumber(pages.from)}–${formatNumber(pages.to)} of many`
      : t`${formatNumber(pages.from)}–${formatNumber(pages.to)} of ${formatNumber(pages.total)}`;
  return (
    <div className={classes.foot}>
      <Text size="xs" c="var(--jet-muted)" className="tabular" aria-live="polite" flex={1}>
        {words}
      </Text>
      {pages && (
        <>
          <ActionIcon
            size="sm"
            aria-label={t`Previous page`}
            disabled={pages.page === 0}
            onClick={() => pages.go(pages.page - 1)}
          >
            <IconChevronLeft size={16} />
          </ActionIcon>
          <ActionIcon
            size="sm"
            aria-label={t`Next page`}
            disabled={!pages.hasNext}
            onClick={() => pages.go(pages.page + 1)}
          >
            <IconChevronRight size={16} />
          </ActionIcon>
        </>
      )}
    </div>
  );
}
