import { useMemo, useState } from "react";
import { variableFor } from "@/domain/variables/new-variable";
import { resolveVariables } from "@/domain/variables/variables";
import type { DashboardVariable, DataQueryDraft, JsonObject } from "@/lib/api/model";
import { todayIn } from "@/lib/format/dates/date-ranges";
import { useStable } from "@/lib/stable";
import { variablesIn } from "@/lib/templates/templates";
import { queryIDOf } from "../config-schema";
import type { PreviewQuery } from "./preview-data";

/** The variables of the dashboard that a widget is on. */
export interface DashboardFilters {
  definitions: readonly DashboardVariable[];
  /** The selected values. Relative ranges are not resolved. */
  values: JsonObject;
  /** IANA time zone of ranges; that of the reader if absent. */
  zone?: string | undefined;
  /** Unsaved queries that variables get their options from, by ID. */
  queries: Readonly<Record<string, { draft: DataQueryDraft }>>;
}

export interface PreviewFilters {
  /** The variables that the widget uses. Those that its dashboard does not have are guessed from the query. */
  shown: readonly DashboardVariable[];
  values: JsonObject;
  /** The values as the query gets them. */
  variables: JsonObject;
  zone: string | undefined;
  queries: DashboardFilters["queries"];
  set: (name: string, value: unknown) => void;
}

/** A widget of the library belongs to no dashboard. */
export const noDashboard: DashboardFilters = { definitions: [], values: {}, queries: {} };

/** The values that a widget is previewed with: those of its dashboard until others are entered. */
export function usePreviewFilters(
  config: JsonObject,
  query: Pick<PreviewQuery, "parameters"> | undefined,
  { definitions, values: given, zone, queries }: DashboardFilters,
): PreviewFilters {
  const [own, setOwn] = useState<JsonObject>({});
  const shown = variablesIn(config).map((name) => {
    const known = definitions.find((one) => one.name === name);
    if (known) return known;
    const described = new Map(query ? [[queryIDOf(config) ?? "", query]] : []);
    // a variable that the dashboard does not have is absent until it gets a value
    return { ...variableFor(name, [{ config }], described), default: null };
  });
  const values = useMemo(() => {
    const entered = Object.entries(own).filter(([name, value]) => value !== undefined || name in given);
    return { ...given, ...Object.fromEntries(entered) };
  }, [given, own]);
  const all = [...definitions, ...shown.filter((one) => !definitions.includes(one))];
  const set = all.filter(({ name }) => name in values);
  return {
    shown,
    values,
    variables: useStable(resolveVariables(set, values, todayIn(zone), zone)),
    zone,
    queries,
    set: (name, value) => setOwn((old) => ({ ...old, [name]: value })),
  };
}
