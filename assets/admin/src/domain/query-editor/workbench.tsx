import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Splitter, Tabs } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useRef } from "react";
import { SchemaBrowser } from "@/domain/schema-browser/schema-browser";
import type { DataQueryDraft, DatasourceType } from "@/lib/api/model";
import { quoteOf } from "@/lib/sql/quote";
import type { FieldErrors } from "@/lib/schema/paths";
import type { EditorControls } from "@/ui/code-editor/editor";
import { Panes } from "@/ui/page/panes";
import { useShortcuts, type Shortcut } from "@/ui/shortcuts/registry";
import { useComparison, type Comparison } from "./results/comparison";
import { ConfirmRun } from "./confirm-run";
import classes from "./data-queries.module.css";
import { speaksSql, sqlOf } from "./draft";
import { ColumnsPanel } from "./source/columns-panel";
import { ParametersPanel } from "./source/parameters-panel";
import { QuerySettings } from "./query-settings";
import { QuerySource } from "./source/query-source";
import { ResultPanel } from "./results/result-panel";
import type { Runner } from "./run";
import { offersOf } from "./source/statement";

/** The code editor's own shortcuts. */
const editorKeys: Shortcut[] = [
  { keys: "Ctrl+Space", label: t`Autocomplete` },
  { keys: "mod+F", label: t`Find` },
  { keys: "mod+/", label: t`Toggle comment` },
];

export interface WorkbenchProps {
  draft: DataQueryDraft;
  set: (change: Partial<DataQueryDraft>) => void;
  errors: FieldErrors;
  type: DatasourceType;
  runner: Runner;
  queryID: string | null;
  /** Whether there are unsaved changes. */
  dirty: boolean;
  readOnly: boolean;
  mayRun: boolean;
  /** Whether it is in a dialog, with its shortcuts. */
  inDialog?: boolean;
}

/** Shows the schema on the left, the query and its result in the middle, parameters and settings on the right. */
export function Workbench(props: WorkbenchProps) {
  const narrow = useMediaQuery("(max-width: 75em)", false, { getInitialValueInEffect: false });
  const editor = useRef<EditorControls>(null);
  const { runner, mayRun, inDialog = false } = props;
  const comparison = useComparison(props.draft, runner.parameters);
  const offers = offersOf(props.type, runner.effect);
  useShortcuts(
    t`Query`,
    [
      { keys: "mod+Enter", label: t`Run`, whileTyping: true, inDialog, run: () => void runner.start() },
      ...(props.type.capabilities.preview || props.type.capabilities.explain
        ? [
            {
              keys: "mod+shift+Enter",
              label: offers.preview ? t`Preview` : t`Explain`,
              whileTyping: true,
              inDialog,
              run: () => void runner.other(),
            },
          ]
        : []),
    ],
    { enabled: mayRun },
  );
  useShortcuts(t`Query`, editorKeys);
  const parts = { ...props, editor, comparison };
  return (
    <>
      {narrow ? <Stacked {...parts} /> : <SideBySide {...parts} />}
      <ConfirmRun runner={runner} previews={props.type.capabilities.preview} />
    </>
  );
}

type PartProps = WorkbenchProps & { editor: React.RefObject<EditorControls | null>; comparison: Comparison };

/** Lists the tables and columns; picking one inserts it into the SQL. */
function Schema({ draft, set, type, editor, readOnly }: PartProps) {
  const insert = (text: string) => {
    if (editor.current) editor.current.insert(text);
    // The editor may still be loading.
    else set({ options: { ...draft.options, sql: sqlOf(draft) + text } });
  };
  const picking = readOnly || !speaksSql(type) ? {} : { onPick: insert };
  return (
    <SchemaBrowser
      datasourceID={draft.datasourceID}
      quote={quoteOf(type)}
      previews={speaksSql(type)}
      {...picking}
    />
  );
}

function SideBySide(props: PartProps) {
  const { type } = props;
  const browser = type.capabilities.schema === true;
  return (
    // The number of panes must not change under one set of sizes.
    <Panes key={String(browser)} name={browser ? "query" : "query-plain"} className={classes.workbench}>
      {browser && (
        <Splitter.Pane defaultSize="240px" min="180px" className={classes.side}>
          <Schema {...props} />
        </Splitter.Pane>
      )}
      <Splitter.Pane defaultSize={100} min="320px">
        <Panes name="query-work" orientation="vertical">
          <Splitter.Pane defaultSize={45} min={15}>
            <QuerySource {...props} />
          </Splitter.Pane>
          <Splitter.Pane defaultSize={55} min={15}>
            <ResultPanel {...props} />
          </Splitter.Pane>
        </Panes>
      </Splitter.Pane>
      <Splitter.Pane defaultSize="300px" min="240px">
        <Inspector {...props} />
      </Splitter.Pane>
    </Panes>
  );
}

function Inspector(props: PartProps) {
  const { parameters } = props.draft;
  return (
    <Tabs defaultValue="parameters" className={classes.fill}>
      <Tabs.List className={classes.tabs}>
        <Tabs.Tab value="parameters">
          <Trans>Parameters</Trans>
          {parameters.length ? ` ${parameters.length}` : ""}
        </Tabs.Tab>
        <Tabs.Tab value="columns">
          <Trans>Columns</Trans>
        </Tabs.Tab>
        <Tabs.Tab value="settings">
          <Trans>Settings</Trans>
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="parameters" className={`${classes.panel} ${classes.form}`}>
        <ParametersPanel {...props} />
      </Tabs.Panel>
      <Tabs.Panel value="columns" className={`${classes.panel} ${classes.form}`}>
        <ColumnsPanel {...props} />
      </Tabs.Panel>
      <Tabs.Panel value="settings" className={`${classes.panel} ${classes.form}`}>
        <QuerySettings {...props} />
      </Tabs.Panel>
    </Tabs>
  );
}

/** Stacks the panes where there is no room for three. */
function Stacked(props: PartProps) {
  const { type } = props;
  return (
    <div className={classes.stacked}>
      <section className={classes.stackedSource}>
        <QuerySource {...props} />
      </section>
      <section className={classes.stackedSide}>
        <Tabs defaultValue="parameters" className={classes.fill}>
          <Tabs.List className={classes.tabs}>
            <Tabs.Tab value="parameters">
              <Trans>Parameters</Trans>
            </Tabs.Tab>
            <Tabs.Tab value="columns">
              <Trans>Columns</Trans>
            </Tabs.Tab>
            <Tabs.Tab value="settings">
              <Trans>Settings</Trans>
            </Tabs.Tab>
            {type.capabilities.schema === true && (
              <Tabs.Tab value="schema">
                <Trans>Schema</Trans>
              </Tabs.Tab>
            )}
          </Tabs.List>
          <Tabs.Panel value="parameters" className={classes.form}>
            <ParametersPanel {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="columns" className={classes.form}>
            <ColumnsPanel {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="settings" className={classes.form}>
            <QuerySettings {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="schema" className={classes.stackedSchema}>
            <Schema {...props} />
          </Tabs.Panel>
        </Tabs>
      </section>
      <section className={classes.stackedResult}>
        <ResultPanel {...props} />
      </section>
    </div>
  );
}
