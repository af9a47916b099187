import { t } from "@lingui/core/macro";
import { useLocalStorage } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { isApiError } from "@/lib/api/errors";
import { keys } from "@/lib/api/keys";
import type { DataQueryDraft, DatasourceType, JsonObject, QueryMode, QueryResult } from "@/lib/api/model";
import { executeQuery, testQuery, useAskEffect, useQueryEffect } from "@/lib/api/subjects/data-queries";
import { useTenantID } from "@/lib/tenant";
import { givenValues, lacksValue, speaksSql, sqlOf } from "./draft";

/** What was run, as it was then: further pages are requested the same way. */
interface Asked {
  mode: QueryMode;
  draft: DataQueryDraft;
  /** The id of the saved query; null if it has changes. */
  savedID: string | null;
  parameters: JsonObject;
  /** The index of the first row of the page; null if all rows were requested. */
  offset: number | null;
  /** Whether it may change data: that was confirmed, or it is rolled back. */
  mayChange: boolean;
  /** Whether to ask for a confirmation if it changes data: not where nobody pressed a button. */
  asks: boolean;
}

interface Run {
  running: boolean;
  /** Start of the current run, in ms. */
  since: number;
  /** The run that produced this result or error. */
  asked: Asked | null;
  result: QueryResult | null;
  error: unknown;
  cancelled: boolean;
  /** What was not run yet because it changes data: it has to be confirmed. */
  question: Asked | null;
}

/** The settings of the chart tab. */
export interface ChartChoice {
  /** Null until one is selected: then the most suitable one is shown. */
  shape: "bar" | "line" | "area" | "pie" | null;
  own: JsonObject;
}

/** The runs of a query before its first save: the page of the saved query takes them over. */
let left: { id: string; tried: { values: JsonObject; run: Run; tab: ResultTab; chart: ChartChoice } } | null =
  null;

const idle: Run = {
  running: false,
  since: 0,
  asked: null,
  result: null,
  error: null,
  cancelled: false,
  question: null,
};

export type ResultTab = "result" | "chart" | "json" | "transform" | "history";

export const PAGE_SIZES = [100, 500, 1000, 5000];

/** Whether it was rejected because its results have no pages: only plain reads have pages. */
const refusesPages = (error: unknown) =>
  isApiError(error) && error.details.some(({ path }) => path === "slice");

/** The state of a query's test runs: values, result and how it is shown. */
function useTried(savedID: string | null) {
  const [kept] = useState(() => (left?.id === savedID ? left.tried : null));
  const [values, setValues] = useState<JsonObject>(kept?.values ?? {});
  const [run, setRun] = useState(kept?.run ?? idle);
  const [tab, setTab] = useState<ResultTab>(kept?.tab ?? "result");
  const [chart, setChart] = useState<ChartChoice>(kept?.chart ?? { shape: null, own: {} });
  useEffect(
    () => () => {
      if (left?.id === savedID) left = null;
    },
    [savedID],
  );
  /** Hands the state over to the page of the query that was just saved. */
  const handOver = (id: string) => {
    left = { id, tried: { values, run: { ...run, running: false }, tab, chart } };
  };
  return { values, setValues, run, setRun, tab, setTab, chart, setChart, handOver };
}

type SetRun = React.Dispatch<React.SetStateAction<Run>>;

/** Sends one request at a time; its response becomes the current run. */
function useAsk(savedID: string | null, setRun: SetRun, pageSize: number) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  const ask = async (asked: Asked, size = pageSize): Promise<void> => {
    controller.current?.abort();
    const mine = new AbortController();
    controller.current = mine;
    setRun((old) => ({ ...old, running: true, since: Date.now(), cancelled: false, question: null }));
    const slice =
      asked.offset === null
        ? {}
        : { slice: { offset: asked.offset, limit: Math.min(size, asked.draft.maxRows) } };
    const guard = asked.mode === "run" && !asked.mayChange ? { mustRead: true } : {};
    const what = { parameters: asked.parameters, mode: asked.mode, ...slice, ...guard };
    try {
      const result = asked.savedID
        ? await executeQuery(tenantID, asked.savedID, what, mine.signal)
        : await testQuery(tenantID, asked.draft, what, mine.signal);
      setRun({ ...idle, asked, result });
    } catch (error) {
      if (refusesPages(error) && asked.offset === 0 && !mine.signal.aborted)
        return ask({ ...asked, offset: null });
      if (mine.signal.aborted) return;
      const isToConfirm = asked.asks && isApiError(error, "CHANGES_DATA");
      if (isToConfirm) setRun((old) => ({ ...old, running: false, question: { ...asked, offset: null } }));
      else setRun({ ...idle, asked, error });
    }
    if (savedID)
      void client.invalidateQueries({ queryKey: [...keys.one(tenantID, "dataquery", savedID), "runs"] });
  };

  const cancel = useCallback(() => {
    controller.current?.abort();
    setRun((old) => ({ ...old, running: false, cancelled: true }));
  }, [setRun]);
  return { ask, cancel };
}

type Ask = ReturnType<typeof useAsk>["ask"];
type Tried = ReturnType<typeof useTried>;

/** The index of the first row to request; null without pages. */
function firstRow(
  mode: QueryMode,
  { transformer }: DataQueryDraft,
  type: DatasourceType | undefined,
  mayChange: boolean,
): number | null {
  // A transformer expects all rows at once, and what changes data has no pages.
  const pages = mode === "run" && type?.capabilities.slices === true && !transformer?.trim() && !mayChange;
  return pages ? 0 : null;
}

/** What is to be run, as it is now. */
interface Current {
  draft: DataQueryDraft;
  /** The id of the saved query; null if it has changes. */
  savedID: string | null;
  type: DatasourceType | undefined;
  parameters: JsonObject;
}

/** The ways to start a run. */
function useStarts(
  { draft, savedID, type, parameters }: Current,
  { tab, setTab, setRun, setValues }: Tried,
  ask: Ask,
) {
  const effect = useQueryEffect(draft);
  const askEffect = useAskEffect();

  const begin = (mode: QueryMode, sent = parameters, { mayChange = false, asks = true } = {}) => {
    if (type && speaksSql(type) && !sqlOf(draft).trim()) {
      setRun({
        ...idle,
        error: new Error(t`Nothing to run yet. Write SQL, or select a table from the schema.`),
      });
      return Promise.resolve();
    }
    if (mode !== "run" || tab === "history" || tab === "transform") setTab("result");
    const offset = firstRow(mode, draft, type, mayChange);
    return ask({ mode, draft, savedID, parameters: sent, offset, mayChange, asks });
  };

  /** What is to be run without pages, as it is now. */
  const whole = { draft, savedID, parameters, offset: null, asks: true };
  const question = () =>
    setRun((old) => ({ ...old, question: { ...whole, mode: "run" as const, mayChange: false } }));

  return {
    /** Whether the query changes data; undefined until the server has answered. */
    effect,
    /** Runs it; one that changes data becomes a question first. Without a required value, the server refuses it. */
    start: async () => {
      const known = await askEffect(draft).catch(() => null);
      if (lacksValue(draft.parameters, parameters)) return begin("run", parameters, { mayChange: true });
      return known?.changesData ? question() : begin("run");
    },
    /** Runs it because a page was opened: one that changes data is refused. */
    load: () => begin("run", parameters, { asks: false }),
    /** Runs it with these values, which were asked for: that confirms it. They are kept for the next run. */
    startWith: (mode: QueryMode, given: JsonObject) => {
      setValues(given);
      return begin(mode, givenValues(draft.parameters, given), { mayChange: effect?.changesData === true });
    },
    preview: () => begin("preview"),
    explain: () => begin("explain"),
    /** Previews what changes data and explains what reads. The text may be newer than its known effect. */
    other: async () => {
      const { changesData } = await askEffect(draft).catch(() => ({ changesData: false }));
      const mode = changesData && type?.capabilities.preview ? "preview" : "explain";
      if (mode === "preview" || type?.capabilities.explain) await begin(mode);
    },
  };
}

/** Runs a query as it is in the editor: the saved one if nothing has changed, so that its cache and history apply. */
export function useRunner(
  draft: DataQueryDraft,
  savedID: string | null,
  dirty: boolean,
  type: DatasourceType | undefined,
) {
  const tried = useTried(savedID);
  const { values, setValues, run, setRun, tab, setTab, chart, setChart, handOver } = tried;
  const [pageSize, setPageSize] = useLocalStorage({
    key: "jet-admin.page-size",
    defaultValue: 500,
    getInitialValueInEffect: false,
  });
  const { ask, cancel } = useAsk(savedID, setRun, pageSize);
  const parameters = givenValues(draft.parameters, values);
  const starts = useStarts({ draft, savedID: dirty ? null : savedID, type, parameters }, tried, ask);

  return {
    ...run,
    /** Returns the text that was run, which the positions in errors refer to. */
    sql: run.asked ? sqlOf(run.asked.draft) : "",
    ...starts,
    /** Runs or previews what the question is about, as it was then. */
    confirm: (mode: QueryMode) => run.question && void ask({ ...run.question, mode, mayChange: true }),
    /** Leaves the question without running anything. */
    dismiss: () => setRun((old) => ({ ...old, question: null })),
    /** Runs what was previewed, as it was then. */
    commit: () => run.asked && void ask({ ...run.asked, mode: "run", mayChange: true }),
    cancel,
    tab,
    setTab,
    pageSize,
    goTo: (offset: number) => run.asked && void ask({ ...run.asked, offset }),
    resize: (size: number) => {
      setPageSize(size);
      if (run.asked) void ask({ ...run.asked, offset: 0 }, size);
    },
    parameters,
    values,
    chart,
    setChart,
    handOver,
    setValue: (name: string, value: unknown) => setValues((old) => ({ ...old, [name]: value })),
  };
}

export type Runner = ReturnType<typeof useRunner>;
