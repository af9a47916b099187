import { useMe } from "@/lib/api/me";
import type { Readable } from "@/lib/api/resources";
import { keep, readStored } from "@/lib/stored";
import { useTenantID } from "@/lib/tenant";

/** The kinds of records that have a page. */
export type VisitKind = Extract<
  Readable,
  "datasource" | "file" | "dataquery" | "widget" | "dashboard" | "workflow" | "instance"
>;

/** A record that was opened, with the name it had then. */
export interface Visit {
  kind: VisitKind;
  id: string;
  name: string;
  /** Whether it belongs to a dashboard. */
  isPart?: boolean;
}

const MOST = 16;

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
function readVisits(place: Place): Visit[] {
  const kept = readStored(storageKey(place));
  return Array.isArray(kept) ? kept.filter(isVisit).slice(0, MOST) : [];
}

const write = (place: Place, visits: Visit[]) => keep(storageKey(place), visits.slice(0, MOST));

export const remember = (place: Place, visit: Visit): void =>
  write(place, [visit, ...readVisits(place).filter(({ id }) => id !== visit.id)]);

export const forget = (place: Place, id: string): void =>
  write(
    place,
    readVisits(place).filter((visit) => visit.id !== id),
  );

/** The records that the caller opened last in this tenant. */
export function useVisits(): Visit[] {
  const tenantID = useTenantID();
  const userID = useMe().data?.user.id;
  return userID ? readVisits({ userID, tenantID }) : [];
}
