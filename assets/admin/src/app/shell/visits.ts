import { useEffect } from "react";
import { useMatches } from "react-router";
import { isApiError } from "@/lib/api/errors";
import { useMe } from "@/lib/api/me";
import { useOne, type Readable } from "@/lib/api/resources";
import { useTenantID } from "@/lib/tenant";

/** What can be opened by itself. */
export type VisitKind = Extract<Readable, "datasource" | "dataquery" | "widget" | "dashboard" | "workflow" | "instance">;

/** Something that was opened, as it was called then. */
export interface Visit {
  kind: VisitKind;
  id: string;
  name: string;
}

const MOST = 8;

/** Of a person, in a tenant, in this browser. */
export interface Place {
  userID: string;
  tenantID: string;
}

const storageKey = ({ userID, tenantID }: Place) => `jet-admin.visits.${userID}.${tenantID}`;

const isVisit = (value: unknown): value is Visit => typeof value === "object" && value !== null && ["kind", "id", "name"].every((field) => typeof (value as Record<string, unknown>)[field] === "string");

/** What was opened last, the latest first. */
export function readVisits(place: Place): Visit[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey(place)) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isVisit).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

const write = (place: Place, visits: Visit[]) => localStorage.setItem(storageKey(place), JSON.stringify(visits.slice(0, MOST)));

export const remember = (place: Place, visit: Visit): void => write(place, [visit, ...readVisits(place).filter(({ id }) => id !== visit.id)]);

export const forget = (place: Place, id: string): void => write(place, readVisits(place).filter((visit) => visit.id !== id));

/** Which parameter of an address names what. */
const parameters: Record<string, VisitKind> = { datasourceID: "datasource", queryID: "dataquery", widgetID: "widget", dashboardID: "dashboard", workflowID: "workflow", instanceID: "instance" };

/** Remembers what is opened, once its page has read it; forgets what turns out to be gone. */
export function useRememberVisits(): void {
  const tenantID = useTenantID();
  const userID = useMe().data?.user.id;
  const params = useMatches().at(-1)?.params ?? {};
  const [parameter, kind] = Object.entries(parameters).find(([name]) => params[name]) ?? [];
  const id = parameter ? params[parameter] : undefined;
  // The page itself reads it: here it is only looked at.
  const { data, error } = useOne(kind ?? "datasource", id, { enabled: false });
  const gone = isApiError(error, "NOT_FOUND");
  const name = !data ? undefined : "workflowName" in data ? (data.workflowName ?? undefined) : "name" in data ? data.name : undefined;

  useEffect(() => {
    if (!userID || !kind || !id) return;
    if (gone) forget({ userID, tenantID }, id);
    else if (name) remember({ userID, tenantID }, { kind, id, name });
  }, [userID, tenantID, kind, id, name, gone]);
}
