import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Drawer, SegmentedControl, Tooltip } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconArrowBackUp, IconArrowForwardUp, IconLayoutDashboard, IconPlus } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useEffectEvent, useMemo, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { RecordMenu } from "@/domain/records/menu/record-menu";
import { EditorPage } from "@/domain/records/page/editor-page";
import { RecordPage } from "@/domain/records/page/record-page";
import type { Breakpoint, Dashboard, DashboardVariable, JsonObject, Widget } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { todayIn } from "@/lib/format/dates/date-ranges";
import { settled } from "@/lib/session/unsaved";
import { useStable } from "@/lib/stable";
import { useTenantLink } from "@/lib/tenant";
import { EmptyState } from "@/ui/feedback/empty-state";
import { useShortcuts } from "@/ui/shortcuts/registry";
import { isLaidOut } from "../board/layout/grid-layout";
import { itemsOn, writeTab } from "../board/layout/tabs";
import classes from "../dashboards.module.css";
import { variableFor } from "@/domain/variables/new-variable";
import { resolveVariables } from "@/domain/variables/variables";
import { moveToLibrary } from "./contents";
import { EditGrid } from "./edit-grid";
import { EditPanel } from "./edit-panel";
import { forgetLayout } from "./edit-state";
import { EditTabs } from "./edit-tabs";
import { EditFilters, MissingFilters, missingVariables, zoneOf } from "./filters";
import { StalePartDialog } from "./stale-part";
import { useDashboardEditor, type DashboardEditor } from "./use-dashboard-editor";

/** Loaded when it is opened: it contains the query editor. */
const WidgetDrawer = lazy(async () => ({
  default: (await import("./drawer/widget-drawer")).WidgetDrawer,
}));

export function EditDashboard() {
  return (
    <RecordPage kind="dashboard" id={useParams().dashboardID}>
      {(dashboard) => <DashboardBuilder dashboard={dashboard} />}
    </RecordPage>
  );
}

/** Adds the widget that the URL names: once, as an ordinary change. */
function useAddFromAddress(add: (widget: Widget) => void) {
  const [search, setSearch] = useSearchParams();
  const id = search.get("add") ?? undefined;
  const { data: widget } = useOne("widget", id);
  const put = useEffectEvent((asked: Widget) => {
    add(asked);
    setSearch(
      (old) => {
        old.delete("add");
        return old;
      },
      { replace: true },
    );
  });
  useEffect(() => {
    if (id && widget) put(widget);
  }, [id, widget]);
}

/** Arranges a dashboard, and edits the widgets and queries on it. One save stores all of it. */
export function DashboardBuilder({ dashboard }: { dashboard: Dashboard }) {
  const link = useTenantLink();
  const navigate = useNavigate();
  const state = useDashboardEditor(dashboard);
  const { editor, dirty, steps, change, widgets, contents, tab, save } = state;
  const { draft, saving } = editor;
  const [open, setOpen] = useState<{ widget: Widget | null } | null>(null);
  const [unfinished, setUnfinished] = useState(false);
  const { values, variables, setValues } = useValues(draft.variables, zoneOf(draft.timeZone));
  useAddFromAddress(state.addSaved);
  useShortcuts(
    t`Dashboard`,
    [
      { keys: "mod+Z", label: t`Undo`, run: steps.undo },
      { keys: "mod+shift+Z", label: t`Redo`, run: steps.redo },
      { keys: "mod+Y", label: t`Redo`, run: steps.redo },
    ],
    { enabled: open === null },
  );
  const saveAndView = async () => {
    const search = tab === null ? "" : writeTab(new URLSearchParams(), draft.tabs, tab).toString();
    if (await save()) void navigate({ pathname: link("dashboards", editor.base.id), search }, settled);
  };
  const share = (id: string) => {
    const widget = widgets.get(id);
    if (!widget) return;
    const { name, description, type, config, version, dashboardID } = widget;
    const known = { draft: { name, description, type, config }, version, dashboardID: dashboardID ?? null };
    steps.change({ draft, contents: moveToLibrary(contents, id, contents.widgets[id] ?? known) });
  };
  return (
    <EditorPage
      kind="dashboard"
      editor={editor}
      mayUpdate
      onSave={save}
      onRename={(name) => change({ ...draft, name })}
      dirty={dirty}
      unfinished={unfinished}
      className={classes.editor}
      actions={
        <>
          <UndoButtons steps={steps} />
          <RecordMenu
            kind="dashboard"
            record={editor.base}
            onCloned={(id) => void navigate(link("dashboards", id, "edit"), settled)}
          />
          <Button
            variant="default"
            leftSection={<IconPlus size={16} />}
            aria-haspopup="dialog"
            onClick={() => setOpen({ widget: null })}
          >
            <Trans>Add</Trans>
          </Button>
        </>
      }
      primary={
        <Button loading={saving} onClick={() => void saveAndView()}>
          {dirty ? t`Save and view` : t`View`}
        </Button>
      }
    >
      <div className={classes.editBody} inert={open !== null}>
        <Canvas
          state={state}
          values={values}
          variables={variables}
          onValues={setValues}
          onAdd={() => setOpen({ widget: null })}
          onConfigure={(id) => setOpen({ widget: widgets.get(id) ?? null })}
          onShare={share}
        />
        <SidePanel>
          <EditPanel draft={draft} errors={editor.errors} onChange={change} onAdd={state.addSaved} />
        </SidePanel>
      </div>
      {open && (
        <Suspense>
          <WidgetDrawer
            dashboard={state}
            editing={open.widget}
            values={values}
            onUnfinished={setUnfinished}
            onClose={() => setOpen(null)}
          />
        </Suspense>
      )}
      <StalePartDialog dashboard={state} />
    </EditorPage>
  );
}

/** The values with which the widgets are tried; the defaults until others are selected. */
function useValues(definitions: readonly DashboardVariable[], zone: string | undefined) {
  const [chosen, setChosen] = useState<JsonObject>({});
  const values = Object.fromEntries(
    definitions.map(({ name, default: standard }) => [
      name,
      name in chosen ? chosen[name] : (standard ?? null),
    ]),
  );
  const variables = useStable(resolveVariables(definitions, values, todayIn(zone), zone));
  return { values, variables, setValues: setChosen };
}

type Steps = DashboardEditor["steps"];

interface CanvasProps {
  state: DashboardEditor;
  values: JsonObject;
  variables: JsonObject;
  onValues: (values: JsonObject) => void;
  onAdd: () => void;
  onConfigure: (widgetID: string) => void;
  onShare: (widgetID: string) => void;
}

function Canvas({ state, values, variables, onValues, onAdd, onConfigure, onShare }: CanvasProps) {
  const { tab, setTab, widgets, contents, change } = state;
  const { draft, errors } = state.editor;
  const [breakpoint, setBreakpoint] = useState<Breakpoint>(() => (window.innerWidth < 700 ? "sm" : "lg"));
  const items = useMemo(() => itemsOn(draft.items, tab), [draft.items, tab]);
  const shown = draft.items.flatMap(({ widgetID }) => widgets.get(widgetID) ?? []);
  const addFilter = (name: string) => {
    const queries = new Map([
      ...state.owned.queries.map((query) => [query.id, query] as const),
      ...Object.entries(contents.queries).map(([id, query]) => [id, query.draft] as const),
    ]);
    change({ ...draft, variables: [...draft.variables, variableFor(name, shown, queries)] });
  };
  return (
    <div className={classes.canvas}>
      <EditFilters
        zone={zoneOf(draft.timeZone)}
        variables={draft.variables}
        widgets={shown}
        contents={contents}
        values={values}
        onChange={onValues}
      />
      <MissingFilters onCanvas names={missingVariables(shown, draft.variables)} onAdd={addFilter} />
      <EditTabs draft={draft} tab={tab} errors={errors} onTab={setTab} onChange={change} />
      <WidthSwitch
        breakpoint={breakpoint}
        own={isLaidOut(breakpoint, items, draft.layouts)}
        onChange={setBreakpoint}
        onForget={() => change(forgetLayout(draft, breakpoint, items))}
      />
      {items.length === 0 ? (
        <EmptyState
          icon={IconLayoutDashboard}
          title={tab === null ? t`This dashboard is empty` : t`This tab is empty`}
          text={t`Write a query and select a chart, or add a widget from the library.`}
          action={
            <Button leftSection={<IconPlus size={16} />} aria-haspopup="dialog" onClick={onAdd}>
              <Trans>Add the first widget</Trans>
            </Button>
          }
        />
      ) : (
        <EditGrid
          key={tab}
          draft={draft}
          items={items}
          breakpoint={breakpoint}
          widgets={widgets}
          contents={contents}
          variables={variables}
          onChange={change}
          onConfigure={onConfigure}
          onShare={onShare}
          refusedOf={state.refusedOf}
        />
      )}
    </div>
  );
}

function UndoButtons({ steps }: { steps: Steps }) {
  return (
    <>
      <Tooltip label={t`Undo`}>
        <ActionIcon size={32} aria-label={t`Undo`} disabled={!steps.mayUndo} onClick={steps.undo}>
          <IconArrowBackUp size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t`Redo`}>
        <ActionIcon size={32} aria-label={t`Redo`} disabled={!steps.mayRedo} onClick={steps.redo}>
          <IconArrowForwardUp size={18} />
        </ActionIcon>
      </Tooltip>
    </>
  );
}

const widths: { value: Breakpoint; label: string }[] = [
  { value: "lg", label: t`Desktop` },
  { value: "md", label: t`Tablet` },
  { value: "sm", label: t`Phone` },
];

/** Narrow pages use the desktop layout until they get their own. */
function WidthSwitch({
  breakpoint,
  own,
  onChange,
  onForget,
}: {
  breakpoint: Breakpoint;
  own: boolean;
  onChange: (breakpoint: Breakpoint) => void;
  onForget: () => void;
}) {
  return (
    <div className={classes.widths}>
      <SegmentedControl
        size="xs"
        aria-label={t`Layout for`}
        data={widths}
        value={breakpoint}
        onChange={(value) => onChange(value as Breakpoint)}
      />
      {breakpoint !== "lg" && (
        <span className={classes.widthNote}>{own ? t`Custom layout.` : t`Uses the desktop layout.`}</span>
      )}
      {breakpoint !== "lg" && own && (
        <Button size="compact-xs" variant="subtle" onClick={onForget}>
          <Trans>Reset to desktop layout</Trans>
        </Button>
      )}
    </div>
  );
}

/** Beside the canvas where there is room, else in a drawer. */
function SidePanel({ children }: { children: React.ReactNode }) {
  const narrow = useMediaQuery("(max-width: 62em)", false, { getInitialValueInEffect: false });
  const [opened, { open, close }] = useDisclosure();
  if (!narrow)
    return (
      <aside className={classes.side} aria-label={t`Dashboard`}>
        {children}
      </aside>
    );
  return (
    <>
      <Button
        className={classes.floating}
        leftSection={<IconPlus size={16} />}
        onClick={open}
        aria-haspopup="dialog"
      >
        <Trans>Widgets and settings</Trans>
      </Button>
      <Drawer
        opened={opened}
        onClose={close}
        position="right"
        size={340}
        title={t`Dashboard`}
        closeButtonProps={{ "aria-label": t`Close` }}
      >
        {children}
      </Drawer>
    </>
  );
}
