import { t } from "@lingui/core/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { useEditor } from "@/lib/api/editor";
import { ApiError, isApiError } from "@/lib/api/errors";
import { useWidgetTypes } from "@/lib/api/catalog";
import { keys } from "@/lib/api/keys";
import { fieldText } from "@/lib/api/texts/error-texts";
import { useCan } from "@/lib/api/me";
import type {
  Dashboard,
  DashboardContents,
  DashboardDraft,
  JsonObject,
  Widget,
  WidgetType,
} from "@/lib/api/model";
import { readOne, useList } from "@/lib/api/resources";
import { useSaveContents } from "@/lib/api/subjects/contents";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { labelsAt } from "@/lib/schema/labels";
import { isEqual } from "@/lib/schema/merge-patch";
import type { FieldErrors } from "@/lib/schema/paths";
import { useTenantID } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { layoutFor } from "../board/layout/grid-layout";
import { itemsOn, TAB, tabOf } from "../board/layout/tabs";
import { sizeOfItem } from "../board/view-grid";
import { asWidget, hasContents, noContents, placeOf, requestOf, type Contents, type Owned } from "./contents";
import { addWidget, dashboardDraftOf, useUndoable } from "./edit-state";

export type DashboardEditor = ReturnType<typeof useDashboardEditor>;

/** What one undo step restores. */
interface Edited {
  draft: DashboardDraft;
  contents: Contents;
}

/** The widgets and queries that belong to the dashboard, as they are saved. */
function useOwned(dashboardID: string): Owned {
  const can = useCan();
  const params = { dashboardID, limit: 200, sort: "name" as const };
  const widgets = useList("widget", params, { enabled: can("widget:list") }).items;
  const queries = useList("dataquery", params, { enabled: can("dataquery:list") }).items;
  return useMemo(() => ({ widgets: widgets ?? [], queries: queries ?? [] }), [widgets, queries]);
}

/** The widgets that can be on the dashboard: saved ones, those from the library, and unsaved ones. */
function useWidgets(dashboard: Dashboard, contents: Contents) {
  const [added, setAdded] = useState<Widget[]>([]);
  const saved = useMemo(
    () => new Map([...(dashboard.widgets ?? []), ...added].map((widget) => [widget.id, widget])),
    [dashboard.widgets, added],
  );
  const widgets = useMemo(() => {
    const local = Object.entries(contents.widgets);
    return new Map([...saved, ...local.map(([id, one]) => [id, asWidget(id, one, saved.get(id))] as const)]);
  }, [saved, contents.widgets]);
  const learn = useCallback(
    (widget: Widget) => setAdded((old) => [...old.filter(({ id }) => id !== widget.id), widget]),
    [],
  );
  return { widgets, learn };
}

/** A widget or query that someone else has saved in the meantime. */
export interface StalePart {
  kind: "widget" | "dataquery";
  id: string;
  name: string;
  version: number;
}

/** The widgets that a save refused, by ID: their errors by field, and the settings that have these errors. */
type Refused = ReadonlyMap<string, { config: JsonObject; errors: FieldErrors }>;

/** Returns the errors of a widget in the last save, by field, until its settings change. */
function refusedOf(refused: Refused, widget: Widget | undefined): FieldErrors {
  const found = widget && refused.get(widget.id);
  return found && isEqual(found.config, widget.config) ? found.errors : {};
}

/** Edits a dashboard together with its widgets and queries; one save stores all of it. */
export function useDashboardEditor(dashboard: Dashboard) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  const owned = useOwned(dashboard.id);
  const [contents, setContents] = useState(noContents);
  const [stale, setStale] = useState<StalePart | null>(null);
  const [refused, setRefused] = useState<Refused>(new Map());
  const send = useSend(dashboard, contents, owned, { onStale: setStale, onRefused: setRefused });
  const editor = useEditor("dashboard", dashboard, dashboardDraftOf, send);
  const { base, draft } = editor;
  const dirty = editor.dirty || hasContents(draft, contents);
  const steps = useUndoable<Edited>({ draft, contents }, (next) => {
    editor.setDraft(next.draft);
    setContents(next.contents);
  });
  const { widgets, learn } = useWidgets(dashboard, contents);
  const change = (next: DashboardDraft, tag?: string) => steps.change({ draft: next, contents }, tag);

  const [search] = useSearchParams();
  const [chosen, setTab] = useState(search.get(TAB));
  const tab = tabOf(draft.tabs, chosen);

  /** Puts a widget on the open tab, together with what is unsaved of it. */
  const add = (widget: Widget, next: Contents = contents) => {
    const sizeOf = sizeOfItem(new Map(widgets).set(widget.id, widget));
    const lg = layoutFor("lg", itemsOn(draft.items, tab), draft.layouts, sizeOf);
    const placed = addWidget(draft, widget, sizeOf({ key: "", widgetID: widget.id }), lg, tab);
    steps.change({ draft: placed, contents: next });
  };
  const addSaved = (widget: Widget) => {
    learn(widget);
    add(widget);
  };
  const save = async () => {
    const deletes = owned.widgets.some(({ id }) => isOn(base, id) && !isOn(draft, id));
    if (dirty && !(await editor.save())) return false;
    if (hasContents(draft, contents) || deletes) {
      // Undo could restore widgets and queries that were saved in another form since.
      steps.forget();
      setContents(noContents);
    }
    await client.invalidateQueries({ queryKey: keys.one(tenantID, "dashboard", base.id) });
    return true;
  };
  return {
    editor: { ...editor, dirty },
    dirty,
    steps,
    change,
    widgets,
    owned,
    contents,
    setContents,
    stale,
    forgetStale: () => setStale(null),
    refusedOf: (id: string) => refusedOf(refused, widgets.get(id)),
    tab,
    setTab,
    add,
    addSaved,
    save,
  };
}

const isOn = ({ items }: Pick<Dashboard, "items">, id: string) =>
  items.some(({ widgetID }) => widgetID === id);

/** Returns the widgets that an error is about. */
function refusedIn(error: ApiError, request: DashboardContents): Refused {
  const found = new Map<string, { config: JsonObject; errors: FieldErrors }>();
  for (const { path, message } of error.details) {
    const place = placeOf(path, request);
    const widget = request.widgets?.find(({ id }) => place?.kind === "widget" && id === place.id);
    if (!widget) continue;
    const before = found.get(widget.id)?.errors;
    const errors = { ...before, [path.replace(/^widgets\[\d+\]\./, "")]: fieldText(message) };
    found.set(widget.id, { config: widget.config ?? {}, errors });
  }
  return found;
}

/** Returns the label of the field of a widget's settings that an error is about; null if it is not about a field. */
function labelIn(schema: JsonSchema, path: string): string | null {
  const keys = (/^widgets\[\d+\]\.config\.(.+)$/.exec(path)?.[1] ?? "").split(/[.[\]]+/).filter(Boolean);
  const labels = labelsAt(schema, keys);
  // Fields that the schema does not describe, such as the values of an action, have the names of their parameters.
  return (labels.length === keys.length ? labels.at(-1) : keys.at(-1)) ?? null;
}

/**
 * Returns an error whose paths are those of the dashboard's form; errors of widgets and queries are named by title or
 * name, and by the label of the field.
 */
function placed(error: ApiError, request: DashboardContents, types: readonly WidgetType[]): ApiError {
  const nameAt = (path: string) => {
    const place = placeOf(path, request);
    const part = [...(request.widgets ?? []), ...(request.queries ?? [])].find(({ id }) => id === place?.id);
    const title = request.dashboard.items?.find(({ widgetID }) => widgetID === place?.id)?.title;
    const name = title || part?.name;
    const schema = types.find(({ type }) => part && "type" in part && type === part.type)?.configSchema;
    const label = schema ? labelIn(schema, path) : null;
    return name && label ? t`${name}, ${label}` : name;
  };
  const { status, code, message, requestId, source, text } = error;
  const details = error.details.map(({ path, message: why }) => {
    const name = nameAt(path);
    return name
      ? { path: "", message: t`${name}: ${fieldText(why)}` }
      : { path: path.replace(/^dashboard\./, ""), message: why };
  });
  const name = nameAt(error.details[0]?.path ?? message);
  const shown = name
    ? (details[0]?.message ?? t`${name}: ${message}`)
    : text.replace(/^dashboard\.?:? ?/, "");
  return new ApiError(status, code, message, details, requestId, source, shown);
}

interface Told {
  onStale: (part: StalePart) => void;
  onRefused: (refused: Refused) => void;
}

/** Sends the dashboard with what is unsaved on it. A conflict of a widget or a query is reported to `onStale`. */
function useSend(dashboard: Dashboard, contents: Contents, owned: Owned, { onStale, onRefused }: Told) {
  const types = useWidgetTypes().data;
  const tenantID = useTenantID();
  const saveContents = useSaveContents(dashboard.id);
  const before = useRef(dashboardDraftOf(dashboard));
  return async (_id: string, draft: DashboardDraft, version: number): Promise<Dashboard> => {
    const request = requestOf(draft, version, { before: before.current, contents, owned });
    try {
      const saved = await saveContents(request);
      const gone = request.deletedWidgets?.length ?? 0;
      if (gone > 0) notify.done(t`Removed widgets are in the trash for 30 days.`);
      onRefused(new Map());
      before.current = dashboardDraftOf(saved.dashboard);
      return saved.dashboard;
    } catch (error) {
      const place = isApiError(error) ? placeOf(error.details[0]?.path ?? "", request) : null;
      if (isApiError(error) && !(error.code === "VERSION_CONFLICT" && place)) {
        onRefused(refusedIn(error, request));
        throw placed(error, request, types ?? []);
      }
      if (!place) throw error;
      const { name, version: current } = await readOne(tenantID, place.kind, place.id);
      onStale({ ...place, name, version: current });
      throw new Error(t`${name} was changed by someone else in the meantime. Nothing was saved.`, {
        cause: error,
      });
    }
  };
}
