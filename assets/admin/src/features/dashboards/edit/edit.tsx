import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Drawer, SegmentedControl, Tooltip } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconArrowBackUp, IconArrowForwardUp, IconLayoutDashboard, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useEffectEvent, useMemo, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { RecordMenu } from "@/domain/records/menu/record-menu";
import { EditorPage } from "@/domain/records/page/editor-page";
import { RecordPage } from "@/domain/records/page/record-page";
import { useEditor } from "@/lib/api/editor";
import { keys } from "@/lib/api/keys";
import type { Breakpoint, Dashboard, DashboardDraft, JsonObject, Widget } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import type { FieldErrors } from "@/lib/schema/paths";
import { settled } from "@/lib/session/unsaved";
import { useTenantID, useTenantLink } from "@/lib/tenant";
import { EmptyState } from "@/ui/feedback/empty-state";
import { notify } from "@/ui/feedback/notify";
import { useStable } from "@/lib/stable";
import { useShortcuts } from "@/ui/shortcuts/registry";
import { isLaidOut, layoutFor } from "../board/grid-layout";
import { itemsOn, TAB, tabOf, writeTab } from "../board/tabs";
import { sizeOfItem } from "../board/view-grid";
import classes from "../dashboards.module.css";
import { standardValues } from "../variables/variables";
import { ConfigureItem } from "./configure-item";
import { EditGrid } from "./edit-grid";
import { EditPanel } from "./edit-panel";
import { addWidget, forgetLayout, dashboardDraftOf, useUndoable } from "./edit-state";
import { EditTabs } from "./edit-tabs";

export function EditDashboard() {
  return (
    <RecordPage kind="dashboard" id={useParams().dashboardID}>
      {(dashboard) => <Editor dashboard={dashboard} />}
    </RecordPage>
  );
}

function useWidgets(dashboard: Dashboard) {
  const [added, setAdded] = useState<Widget[]>([]);
  const widgets = useMemo(
    () => new Map([...(dashboard.widgets ?? []), ...added].map((widget) => [widget.id, widget])),
    [dashboard.widgets, added],
  );
  const learn = useCallback(
    (widget: Widget) => setAdded((old) => [...old.filter(({ id }) => id !== widget.id), widget]),
    [],
  );
  return { widgets, learn };
}

function useDashboardEditor(dashboard: Dashboard) {
  const link = useTenantLink();
  const tenantID = useTenantID();
  const client = useQueryClient();
  const navigate = useNavigate();
  const editor = useEditor("dashboard", dashboard, dashboardDraftOf);
  const { base, draft, dirty } = editor;
  const steps = useUndoable(draft, editor.setDraft);
  const { widgets, learn } = useWidgets(dashboard);
  useShortcuts(t`Dashboard`, [
    { keys: "mod+Z", label: t`Undo`, run: steps.undo },
    { keys: "mod+shift+Z", label: t`Redo`, run: steps.redo },
    { keys: "mod+Y", label: t`Redo`, run: steps.redo },
  ]);

  const [search] = useSearchParams();
  const [chosen, setTab] = useState(search.get(TAB));
  const tab = tabOf(draft.tabs, chosen);

  const add = (widget: Widget) => {
    learn(widget);
    const sizeOf = sizeOfItem(new Map(widgets).set(widget.id, widget));
    const lg = layoutFor("lg", itemsOn(draft.items, tab), draft.layouts, sizeOf);
    steps.change(addWidget(draft, widget, sizeOf({ key: "", widgetID: widget.id }), lg, tab));
  };
  useAddFromAddress(add);
  const save = async () => {
    if (dirty && !(await editor.save())) return false;
    // The response to a PATCH has no widgets, so the dashboard is loaded again.
    await client.invalidateQueries({ queryKey: keys.one(tenantID, "dashboard", base.id) });
    return true;
  };
  const saveAndView = async () => {
    const search = tab === null ? "" : writeTab(new URLSearchParams(), draft.tabs, tab).toString();
    if (await save()) void navigate({ pathname: link("dashboards", base.id), search }, settled);
  };
  return { editor, steps, widgets, learn, tab, setTab, add, save, saveAndView };
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

function Editor({ dashboard }: { dashboard: Dashboard }) {
  const link = useTenantLink();
  const navigate = useNavigate();
  const { editor, steps, widgets, learn, tab, setTab, add, save, saveAndView } =
    useDashboardEditor(dashboard);
  const { draft, dirty, saving } = editor;
  const [configuring, setConfiguring] = useState<string | null>(null);
  const [widgetDirty, setWidgetDirty] = useState(false);
  const variables = useStable(standardValues(draft.variables));
  return (
    <EditorPage
      kind="dashboard"
      editor={editor}
      mayUpdate
      onSave={save}
      onRename={(name) => steps.change({ ...draft, name })}
      dirty={dirty || widgetDirty}
      className={classes.editor}
      actions={
        <>
          <UndoButtons steps={steps} />
          <RecordMenu
            kind="dashboard"
            record={editor.base}
            onCloned={(id) => void navigate(link("dashboards", id, "edit"), settled)}
          />
        </>
      }
      primary={
        <Button loading={saving} onClick={() => void saveAndView()}>
          {dirty ? t`Save and view` : t`View`}
        </Button>
      }
    >
      <div className={classes.editBody}>
        <Canvas
          draft={draft}
          tab={tab}
          onTab={setTab}
          errors={editor.errors}
          widgets={widgets}
          variables={variables}
          steps={steps}
          onConfigure={(id) =>
            widgetDirty
              ? notify.failed(new Error(t`Save or cancel your changes to the open widget first.`))
              : setConfiguring(id)
          }
        />
        <SidePanel busy={configuring !== null}>
          {configuring ? (
            <ConfigureItem
              key={configuring}
              widgetID={configuring}
              variables={variables}
              onChange={learn}
              onDirty={setWidgetDirty}
              onClose={() => (setConfiguring(null), setWidgetDirty(false))}
            />
          ) : (
            <EditPanel draft={draft} errors={editor.errors} onChange={steps.change} onAdd={add} />
          )}
        </SidePanel>
      </div>
    </EditorPage>
  );
}

type Steps = ReturnType<typeof useUndoable>;

interface CanvasProps {
  draft: DashboardDraft;
  tab: string | null;
  onTab: (key: string) => void;
  errors: FieldErrors;
  widgets: ReadonlyMap<string, Widget>;
  variables: JsonObject;
  steps: Steps;
  onConfigure: (widgetID: string) => void;
}

function Canvas({ draft, tab, onTab, errors, widgets, variables, steps, onConfigure }: CanvasProps) {
  const [breakpoint, setBreakpoint] = useState<Breakpoint>(() => (window.innerWidth < 700 ? "sm" : "lg"));
  const items = useMemo(() => itemsOn(draft.items, tab), [draft.items, tab]);
  return (
    <div className={classes.canvas}>
      <EditTabs draft={draft} tab={tab} errors={errors} onTab={onTab} onChange={steps.change} />
      <WidthSwitch
        breakpoint={breakpoint}
        own={isLaidOut(breakpoint, items, draft.layouts)}
        onChange={setBreakpoint}
        onForget={() => steps.change(forgetLayout(draft, breakpoint, items))}
      />
      {items.length === 0 ? (
        <EmptyState
          icon={IconLayoutDashboard}
          title={tab === null ? t`This dashboard is empty` : t`This tab is empty`}
          text={t`Select widgets from the list. Drag a widget by its title to move it, or by its corner to resize it.`}
        />
      ) : (
        <EditGrid
          key={tab}
          draft={draft}
          items={items}
          breakpoint={breakpoint}
          widgets={widgets}
          variables={variables}
          onChange={steps.change}
          onConfigure={onConfigure}
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

/** Beside the canvas where there is room, else in a drawer; a `busy` panel closes itself. */
function SidePanel({ busy, children }: { busy: boolean; children: React.ReactNode }) {
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
        opened={opened || busy}
        onClose={close}
        withCloseButton={!busy}
        closeOnClickOutside={!busy}
        closeOnEscape={!busy}
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
