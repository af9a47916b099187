import { useCallback, useEffect, useRef, useState } from "react";
import { errorText } from "@/lib/api/texts/error-texts";
import { ApiError } from "@/lib/api/errors";
import type {
  DashboardAction,
  DashboardActionResult,
  DashboardAsk,
  DashboardChanges,
  DashboardChangesResult,
  JsonObject,
} from "@/lib/api/model";
import type { Choices, VariableChoice } from "@/domain/variables/choices";
import type { ChoicesAsk, FieldChoices } from "@/domain/widgets/kinds/host";
import type { WidgetData } from "@/lib/api/subjects/widgets";
import { now } from "@/lib/format/dates/clock";
import { describedChoices, type ChoiceColumns } from "@/lib/format/columns";
import { parseJson } from "@/lib/format/exact-json";
import type { TableAsk } from "@/lib/rows/table-ask";
import { streamEvents, type ServerEvent } from "@/lib/http/sse";
import { isEqual } from "@/lib/schema/merge-patch";
import { connection } from "@/lib/session/connection";
import { oneByOne } from "@/lib/one-by-one";
import { useLatest, useStable } from "@/lib/stable";

export interface ItemData {
  result: WidgetData | null;
  error: ApiError | null;
}

interface ItemEvent {
  key: string;
  result?: WidgetData;
  error?: { code: string; message: string; requestId?: string | null; missing?: string | null };
}

/** Where the data of a dashboard comes from. */
export interface DataSource {
  path: string;
  /** For requests without a session. */
  anonymous?: boolean;
  /** Runs an action of a widget. Absent where readers only look. */
  act?: (ask: DashboardAction) => Promise<DashboardActionResult>;
  /** Loads the choices of a form's field. Absent where there are no forms. */
  choices?: (
    ask: ChoicesAsk & { item: string; variables: JsonObject },
    signal?: AbortSignal,
  ) => Promise<FieldChoices>;
  /** Saves changed rows of a widget. Absent where readers only look. */
  change?: (ask: DashboardChanges) => Promise<DashboardChangesResult>;
}

export interface LiveData {
  /** The options of variables whose options come from a query. */
  choices: Record<string, Choices>;
  items: Record<string, ItemData>;
  /** The variables that the data of an item belongs to. */
  answered: Record<string, JsonObject>;
  /** The keys whose data has not arrived in this refresh. */
  loading: boolean;
  /** Why the whole stream failed. */
  error: unknown;
  at: string | null;
}

const empty: LiveData = { choices: {}, items: {}, answered: {}, loading: true, error: null, at: null };

function readItem(event: ServerEvent): [key: string, data: ItemData] | null {
  if (event.event !== "item") return null;
  const { key, result, error } = parseJson(event.data) as ItemEvent;
  return [key, { result: result ?? null, error: errorOf(error) }];
}

const errorOf = (error: ItemEvent["error"]): ApiError | null =>
  error
    ? new ApiError(
        502,
        error.code,
        error.message,
        error.missing ? [{ path: error.missing, message: error.message }] : [],
        error.requestId ?? null,
        {},
        errorText(error.code, error.message),
      )
    : null;

function readChoices(event: ServerEvent): [name: string, choices: Choices] | null {
  if (event.event !== "options") return null;
  const { key, result, more, error, ...columns } = parseJson(event.data) as Pick<ItemEvent, "key" | "error"> &
    ChoiceColumns & {
      result?: VariableChoice[];
      more?: boolean;
    };
  const list = describedChoices(result ?? [], columns);
  return [key, { list, more: more === true, error: errorOf(error) }];
}

/** Returns the old data if the new one draws the same, so that its widget is not drawn again. */
function sameOr(old: ItemData | undefined, next: ItemData): ItemData {
  if (!old?.result || !next.result || old.error || next.error) return next;
  const drawn = ({ data, columns, truncated, total }: WidgetData) => ({ data, columns, truncated, total });
  return isEqual(drawn(old.result), drawn(next.result)) ? old : next;
}

const withItem = (old: LiveData, key: string, item: ItemData): LiveData => ({
  ...old,
  items: { ...old.items, [key]: sameOr(old.items[key], item) },
});

/** Returns how an event changes the data, which belongs to the variables `asked`. */
function changeOf(event: ServerEvent, asked: JsonObject): ((old: LiveData) => LiveData) | null {
  const item = readItem(event);
  if (item) return (old) => ({ ...withItem(old, ...item), answered: { ...old.answered, [item[0]]: asked } });
  const choices = readChoices(event);
  return choices && ((old) => ({ ...old, choices: { ...old.choices, [choices[0]]: choices[1] } }));
}

/** Requests data and passes on each event, until all has arrived. */
const ask = (
  { path, anonymous = false }: DataSource,
  body: DashboardAsk,
  signal: AbortSignal,
  onEvent: (event: ServerEvent) => void,
) =>
  streamEvents(path, {
    method: "POST",
    body,
    anonymous,
    signal,
    until: ["done"],
    onEvent,
    idleMs: 180_000,
  });

/**
 * Loads the data of every item of a dashboard, as it becomes ready: again when the variables change, on `refresh`, and
 * at the refresh interval while the page is visible. Old data stays until its successor arrives. With a `tab`, loads only
 * its items.
 */
export function useLiveData(
  { path, anonymous = false }: DataSource,
  version: number,
  variables: JsonObject,
  everySeconds: number,
  tab: string | null,
) {
  const [data, setData] = useState(empty);
  const [round, setRound] = useState(0);
  const asked = useStable(variables);
  // What was requested last, and whether its answer has arrived: a timed refresh must not abort it.
  const lastStart = useRef(0);
  const pending = useRef(false);
  const refresh = useCallback(() => setRound((count) => count + 1), []);

  useEffect(() => {
    const controller = new AbortController();
    lastStart.current = Date.now();
    pending.current = true;
    const body: DashboardAsk = {
      variables: asked,
      ...(tab === null ? {} : { tab }),
    };
    // Items that arrive together would be drawn together, and block the page for as long.
    const soon = oneByOne();
    const onEvent = (event: ServerEvent) =>
      soon(() => {
        if (controller.signal.aborted) return;
        const change = changeOf(event, asked);
        if (change) setData(change);
      });
    // The state is set when the request is sent, not within the effect.
    queueMicrotask(
      () => !controller.signal.aborted && setData((old) => ({ ...old, loading: true, error: null })),
    );
    const settle = (change: Partial<LiveData>) =>
      soon(() => {
        if (controller.signal.aborted) return;
        pending.current = false;
        setData((old) => ({ ...old, loading: false, ...change }));
      });
    ask({ path, anonymous }, body, controller.signal, onEvent).then(
      () => settle({ at: new Date(now()).toISOString() }),
      (error: unknown) => settle({ error }),
    );
    return () => controller.abort();
  }, [path, anonymous, version, asked, round, tab]);

  useEffect(() => connection.subscribe(() => connection.isReachable() && refresh()), [refresh]);

  useEffect(() => {
    if (everySeconds <= 0) return;
    const due = () =>
      document.visibilityState === "visible" &&
      !pending.current &&
      Date.now() - lastStart.current >= everySeconds * 1000 &&
      refresh();
    const timer = setInterval(due, 1000);
    return () => clearInterval(timer);
  }, [everySeconds, refresh]);

  const onItem = useCallback((key: string, item: ItemData) => setData((old) => withItem(old, key, item)), []);
  /** Whether the data of an item belongs to the present variables. */
  const isCurrent = (key: string) => data.answered[key] === asked;
  return { ...data, refresh, isCurrent, ...useParts({ path, anonymous }, asked, onItem) };
}

/** Returns a function that requests a part of the data, and the variables that it uses: the latest. */
function useAskPart({ path, anonymous = false }: DataSource, asked: JsonObject) {
  const latest = useLatest(asked);
  /** Resolves to what `read` found last. */
  const askPart = useCallback(
    async <T>(
      part: Partial<DashboardAsk>,
      signal: AbortSignal,
      nothing: T,
      read: (event: ServerEvent) => T | undefined,
    ): Promise<T> => {
      let found = nothing;
      const onEvent = (event: ServerEvent) => {
        found = read(event) ?? found;
      };
      await ask({ path, anonymous }, { variables: latest.current, ...part }, signal, onEvent);
      return found;
    },
    [path, anonymous, latest],
  );
  return { askPart, latest };
}

/** Loads parts of a dashboard's data individually, for the latest variables; the functions stay the same. */
function useParts(source: DataSource, asked: JsonObject, onItem: (key: string, item: ItemData) => void) {
  const { askPart, latest } = useAskPart(source, asked);
  const readOne = useCallback(
    (key: string, part: Partial<DashboardAsk>, signal: AbortSignal) =>
      askPart<ItemData>(part, signal, { result: null, error: null }, (event) => {
        const item = readItem(event);
        return item?.[0] === key ? item[1] : undefined;
      }),
    [askPart],
  );
  /** One page of an item that is paginated. */
  const readPage = useCallback(
    async (key: string, table: TableAsk, signal: AbortSignal): Promise<WidgetData | null> => {
      const { error, result } = await readOne(key, { tables: { [key]: table } }, signal);
      if (error) throw error;
      return result;
    },
    [readOne],
  );
  /** Loads the data of one item again. */
  const refreshItem = useCallback(
    async (key: string): Promise<void> => {
      const variables = latest.current;
      const item = await readOne(key, { items: [key] }, new AbortController().signal);
      // An answer for earlier variables is out of date.
      if (variables === latest.current) onItem(key, item);
    },
    [readOne, onItem, latest],
  );

  /** Loads the options of a variable that contain a text. */
  const searchChoices = useCallback(
    (name: string, text: string, signal: AbortSignal) =>
      askPart<Choices>(
        { search: { [name]: text } },
        signal,
        { list: [], more: false, error: null },
        (event) => {
          const choices = readChoices(event);
          return choices?.[0] === name ? choices[1] : undefined;
        },
      ),
    [askPart],
  );

  return { readPage, refreshItem, searchChoices };
}
