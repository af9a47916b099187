import { t } from "@lingui/core/macro";
import { ActionIcon, Button, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useMemo, useRef, useState } from "react";
import type { Column } from "@/lib/api/model";
import { formatNumber } from "@/lib/format/format";
import type { Row } from "@/lib/rows/cells";
import { someAllMet } from "@/lib/rows/conditions";
import { fillWords } from "@/lib/templates/placeholders";
import { DataGrid, type GridColumn } from "@/ui/data-grid/data-grid";
import { ActionOutcome } from "../../actions/action-outcome";
import { ConfirmAction, questionFor } from "../../actions/confirm-action";
import { reasonOf } from "../../actions/reason";
import { useUserScope } from "../../actions/unresolved";
import { useAction, useRefusal } from "../../actions/use-action";
import { isOn, rowsOf, type WidgetProps } from "../../config";
import { usePresentVariables, useWidgetActions, useWidgetVariables } from "../../host";
import { useShown } from "../../shown";
import { useOpenForRow } from "../../use-selection";
import { cellWords, shownWords } from "./cell-words";
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
  type Arrangement,
  type TableColumn,
} from "./table-columns";
import { ActiveFilters } from "./filters/active-filters";
import { useFilterReferences } from "./filters/filter-references";
import { useFittingRows } from "./fitting-rows";
import { namedError, refusedFilter } from "./refused-filter";
import { TableNotices } from "./table-notices";
import { TableTools } from "./table-tools";
import { useServerRows } from "./server-rows";
import { useArrangement, useFoundRows, usePages, type Pages } from "./table-view";
import classes from "./table.module.css";

/** Up to this number of rows there is no search. */
const FEW = 8;
/** How many values name a row. */
const NAMING = 3;

/** The confirmation of an action. */
interface Asked {
  title: string;
  question: string;
  about: (readonly [label: string, value: string])[];
  verb: string;
  danger: boolean;
  run: () => void;
}

/** A few rows need no tools. */
const needsTools = (
  rows: number,
  { filters, text }: Pick<ReturnType<typeof useFoundRows>, "filters" | "text">,
  { hidden }: Arrangement,
) => rows > FEW || filters.length > 0 || text !== "" || hidden.length > 0;

export function TableWidget(props: WidgetProps) {
  const { config, label, id, onSelect, isSelected } = props;
  const server = useServerRows(props);
  const { rows, columns } = useMemo(() => rowsOf(server.answer), [server.answer]);
  const known = useMemo(() => tableColumns(config, columns, rows), [config, columns, rows]);
  const [arrangement, setArrangement] = useArrangement(id, known);
  const arranged = useMemo(
    () => arrangeColumns(known, arrangement).filter(({ field }) => !arrangement.hidden.includes(field)),
    [known, arrangement],
  );
  const found = useFoundRows(rows, known, arranged);
  const table = useRef<HTMLDivElement>(null);
  const rowHeight = isOn(config, "compact") ? 28 : 34;
  const local = usePages(found.found, config, useFittingRows(table, rowHeight));
  // What the server searches and sorts, or what the browser does with the rows it has.
  const asked = server.server;
  const view = asked ? server.view : found;
  const paged = isOn(config, "serverPaging");
  const pages = paged ? server.pages : local.pages;
  const acts = useActs(props, arranged, columns);
  const isOld = server.isOld || props.isStale === true;
  const drawn = useDrawn(props, rows, arranged, acts, asked?.sortable ?? null);
  useShownRows(id, arranged, paged ? rows : found.found);
  const actions = useMemo(() => rowActions(config), [config]);
  const references = useFilterReferences(config, asked?.filters);
  const refused = refusedFilter(server.error, server.asked, asked?.filters ?? []);
  const tooled = config["tools"] !== false && (paged || needsTools(rows.length, view, arrangement));
  const restart =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      local.pages?.go(0);
    };
  return (
    <div ref={table} className={classes.table} aria-busy={server.waiting || undefined}>
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
          searchable={asked ? asked.search !== null : !paged}
          serverFilters={asked?.filters ?? (paged ? [] : null)}
          searched={asked?.searched ?? []}
          references={references}
          rows={rows}
          refused={refused}
        />
      )}
      {tooled && (
        <ActiveFilters columns={known} filters={view.filters} onFilters={restart(view.setFilters)} />
      )}
      <TableNotices
        error={server.error && namedError(server.error, refused, known)}
        onRetry={server.retry}
        view={view}
        counts={paged ? server.counts : { whole: rows.length, found: found.found.length }}
        isSettled={!isOld}
      />
      {(server.error === null || server.answer) && (
        <DataGrid
          rows={paged ? rows : local.shown}
          columns={drawn}
          label={label}
          rowHeight={rowHeight}
          isFilling
          order={paged && !asked ? null : view.order}
          onOrder={paged && !asked ? () => undefined : view.setOrder}
          sortable={!paged || asked?.sort != null}
          onRow={onSelect}
          isChosen={isSelected}
          rowActions={
            actions.length
              ? {
                  width: widthFor(actions),
                  render: (row) => <RowActions actions={actions} row={row} acts={acts} isOld={isOld} />,
                }
              : undefined
          }
        />
      )}
      <Foot
        pages={pages}
        count={paged ? rows.length : found.found.length}
        filtered={!paged && found.found.length < rows.length}
      />
      <ActionOutcome
        action={acts.running}
        subject={JSON.stringify([view.text, view.filters, view.order, pages?.page])}
      />
      {acts.asked && <Confirmation asked={acts.asked} onClose={() => acts.ask(null)} />}
    </div>
  );
}

/** Tells what is shown, for exports. */
function useShownRows(id: string | undefined, columns: readonly TableColumn[], rows: readonly Row[]) {
  const shown = useMemo(
    () => ({ columns: columns.map(({ field, label }) => ({ field, label, figure: false })), rows }),
    [columns, rows],
  );
  useShown(id, shown);
}

function Confirmation({ asked, onClose }: { asked: Asked; onClose: () => void }) {
  const { run, ...words } = asked;
  return <ConfirmAction {...words} onClose={onClose} onConfirm={run} />;
}

/** Runs row actions and cell edits: one at a time, after confirmation if configured. */
function useActs({ id, config }: WidgetProps, columns: readonly TableColumn[], result: readonly Column[]) {
  const { building } = useWidgetActions();
  const variables = usePresentVariables();
  const user = useUserScope();
  const onOpen = useOpenForRow(config, id);
  const running = useAction(id);
  const refusalOf = useRefusal();
  const [asked, ask] = useState<Asked | null>(null);
  const labels = { row: (name: string) => columns.find(({ field }) => field === name)?.label };
  // Names the row, so that readers notice if the rows changed just before the press.
  const aboutOf = (row: Row) =>
    columns.slice(0, NAMING).map((one) => [one.label, shownWords(one, row[one.field])] as const);
  const act = ({ label, plan, confirm, danger }: WidgetRowAction, row: Row) => {
    const scope = { row, columns: result, vars: variables() };
    const { action, to } = plan;
    const run = () => {
      if (action) void running.start(action, scope, { name: label, done: plan.done, plan, labels });
      else if (to) onOpen(row, to);
    };
    const question = questionFor(fillWords(confirm, { ...scope, user }), building && action !== null);
    if (question) ask({ title: label, question, about: aboutOf(row), verb: label, danger, run });
    else run();
  };
  const change = (column: TableColumn, row: Row, value: unknown) => {
    const { edit, label } = column;
    if (!edit) return;
    const words = { name: t`Edit ${label}`, done: "", labels: { ...labels, value: label } };
    const question = t`Changes “${cellWords(column, row[column.field])}” to “${cellWords(column, value)}”.`;
    ask({
      title: t`Update ${label}?`,
      question,
      about: aboutOf(row),
      verb: t`Update`,
      danger: false,
      run: () => void running.start(edit.action, { row, vars: variables(), value }, words),
    });
  };
  return { running, refusalOf, asked, ask, act, change, user };
}

type Acts = ReturnType<typeof useActs>;

function useDrawn(
  { config }: WidgetProps,
  rows: readonly Row[],
  columns: readonly TableColumn[],
  acts: Acts,
  sortable: readonly string[] | null,
): GridColumn[] {
  const rules = useMemo(() => colorRules(config), [config]);
  return columns.map((column) => {
    const { field, label, type, format, display, edit } = column;
    const largest = display === "bar" ? largestIn(rows, field) : 0;
    return {
      name: field,
      label,
      type,
      align: format.align,
      sortable: sortable?.includes(field) ?? true,
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
            onEntered={(next, of) => acts.change(column, of, next)}
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
  actions.reduce((sum, { label }) => sum + label.length * 7 + 20, 12);

interface RowActionsProps {
  actions: readonly WidgetRowAction[];
  row: Row;
  acts: Acts;
  /** Whether other rows are about to take the place of these. */
  isOld: boolean;
}

function RowActions({ actions, row, acts, isOld }: RowActionsProps) {
  const compares = actions.some(({ plan }) => plan.when.length + plan.disabledWhen.length > 0);
  const vars = useWidgetVariables(compares);
  const scope = { row, vars, user: acts.user };
  return offeredFor(actions, scope).map((action) => {
    const { plan, label, danger } = action;
    const disabled = someAllMet(plan.disabledWhen, scope) ? reasonOf(plan.disabledWhen) : null;
    const refusal = acts.refusalOf(plan.action) ?? disabled;
    const isDisabled = refusal !== null || acts.running.busy || isOld;
    return (
      <Button
        key={label}
        size="compact-xs"
        h={24}
        variant="default"
        {...(danger && !isDisabled ? { c: "var(--mantine-color-error)" } : {})}
        disabled={isDisabled}
        title={refusal ?? undefined}
        onClick={() => acts.act(action, row)}
      >
        {label}
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
      : pages.total === 0
        ? t`No results`
        : t`${formatNumber(pages.from)}–${formatNumber(pages.to)} of ${formatNumber(pages.total)}`;
  return (
    <div className={classes.foot}>
      <Text size="xs" c="var(--jet-muted)" className="tabular" aria-live="polite" flex={1}>
        {words}
      </Text>
      {pages && (pages.page > 0 || pages.hasNext) && (
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
