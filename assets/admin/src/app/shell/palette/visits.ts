import { useEffect } from "react";
import { useMatches } from "react-router";
import { isApiError } from "@/lib/api/errors";
import { useMe } from "@/lib/api/me";
import { useOne, type Readable } from "@/lib/api/resources";
import { keep, readStored } from "@/lib/stored";
import { useTenantID } from "@/lib/tenant";

/** The kinds of records that have a page. */
export type VisitKind = Extract<
  Readable,
  "datasource" | "dataquery" | "widget" | "dashboard" | "workflow" | "instance"
>;

/** A record that was opened, with the name it had then. */
export interface Visit {
  kind: VisitKind;
  id: string;
  name: string;
}

const MOST = 8;

/** The storage key: per user and tenant, in this browser. */
export interface Place {
  userID: string;
  tenantID: string;
}

const storageKey = ({ userID, tenantID }: Place) => `jet-admin.visits.${userID}.${tenantID}`;

const isVisit = (value: unknown): value is Visit =>
  typeof value === "object" &&
  value !== null &&
  ["kind", "id", "name"].every((field) => typeof (value as Record<string, unknown>)[field] === "string");

/** The recently opened records, the latest first. */
export function readVisits(place: Place): Visit[] {
  const kept = readStored(storageKey(place));
  return Array.isArray(kept) ? kept.filter(isVisit).slice(0, MOST) : [];
}

const write = (place: Place, visits: Visit[]) => keep(storageKey(place), visits.slice(0, MOST));

const remember = (place: Place, visit: Visit): void =>
  write(place, [visit, ...readVisits(place).filter(({ id }) => id !== visit.id)]);

const forget = (place: Place, id: string): void =>
  write(
    place,
    readVisits(place).filter((visit) => visit.id !== id),
  );

/** Which URL parameter names which kind. */
const parameters: Record<string, VisitKind> = {
  datasourceID: "datasource",
  queryID: "dataquery",
  widgetID: "widget",
  dashboardID: "dashboard",
  workflowID: "workflow",
  instanceID: "instance",
};

/** Records what is opened once its page has loaded it; forgets records that no longer exist. */
export function useRememberVisits(): void {
  const tenantID = useTenantID();
  const userID = useMe().data?.user.id;
  const params = useMatches().at(-1)?.params ?? {};
  const [parameter, kind] = Object.entries(parameters).find(([name]) => params[name]) ?? [];
  const id = parameter ? params[parameter] : undefined;
  // The page itself loads it: here it is only observed.
  const { data, error } = useOne(kind ?? "datasource", id, { enabled: false });
  const gone = isApiError(error, "NOT_FOUND");
  const name = !data
    ? undefined
    : "workflowName" in data
      ? (data.workflowName ?? undefined)
      : "name" in data
        ? data.name
        : undefined;

  useEffect(() => {
    if (!userID || !kind || !id) return;
    if (gone) forget({ userID, tenantID }, id);
    else if (name) remember({ userID, tenantID }, { kind, id, name });
  }, [userID, tenantID, kind, id, name, gone]);
}
