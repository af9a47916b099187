import { isAllowedAt, LevelProvider } from "@/lib/api/level";
import { useCan } from "@/lib/api/me";
import { useRestrictedDashboards } from "@/lib/api/subjects/access";
import type { RecordKind } from "./record-kinds";

interface Placed {
  id?: string;
  dashboardID?: string | null;
}

/** The dashboard that a record is, or belongs to. */
export const dashboardOf = (kind: RecordKind, { id, dashboardID }: Placed): string | null =>
  (kind === "dashboard" ? id : dashboardID) ?? null;

/** Offers inside only what the caller may do on a dashboard; a record of the library has none. */
export function OnDashboard({ id, children }: { id: string | null; children: React.ReactNode }) {
  const can = useCan();
  const { data, isLoading } = useRestrictedDashboards({ enabled: id !== null && can("dashboard:list") });
  const known = (id !== null && data?.get(id)?.level) || "edit";
  return <LevelProvider value={isLoading ? "view" : known}>{children}</LevelProvider>;
}

/** Returns a check of the caller's permissions for one of several records: `canFor(record)("widget:delete")`. */
export function useCanFor(kind: RecordKind): (record: Placed) => (permission: string) => boolean {
  const can = useCan();
  const isPlaced = ["dashboard", "widget", "dataquery"].includes(kind);
  const { data } = useRestrictedDashboards({ enabled: isPlaced && can("dashboard:list") });
  return (record) => {
    const level = data?.get(dashboardOf(kind, record) ?? "")?.level ?? "edit";
    return (permission) => can(permission) && isAllowedAt(level, permission);
  };
}
