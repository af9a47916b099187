import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { useParams } from "react-router";
import { session, type SessionState } from "@/lib/session/session";
import { useOutsideTenants } from "@/lib/tenant";
import { api } from "./client";
import { isAllowedAt, useLevel } from "./level";
import type { Me, Membership, Setup } from "./model";

export const meKey = ["me"] as const;
export const setupKey = ["setup"] as const;

export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.getState);
}

/** The signed-in user, their tenants and their permissions in them. */
export function useMe() {
  const enabled = !useOutsideTenants();
  return useQuery({
    queryKey: meKey,
    queryFn: ({ signal }): Promise<Me> => api.get("/api/v1/auth", { signal }),
    staleTime: 60_000,
    enabled,
  });
}

/** What the instance allows without an account. */
export function useSetup() {
  return useQuery({
    queryKey: setupKey,
    queryFn: ({ signal }): Promise<Setup> => api.get("/api/v1/setup", { signal, anonymous: true }),
    staleTime: 60_000,
  });
}

/** The caller's membership in the current tenant, once loaded. */
export function useMembership(): Membership | undefined {
  const { tenantID } = useParams();
  const { data } = useMe();
  return data?.tenants.find((tenant) => tenant.id === tenantID);
}

/** Returns the path of the page that a member sees first: the start page of the role, or the home page. */
export function startPath({ id, role, permissions }: Membership): string {
  const start = role.startDashboardID;
  return start && permissions.includes("dashboard:read") ? `/t/${id}/dashboards/${start}` : `/t/${id}`;
}

/**
 * Returns a check of the caller's permissions in the current tenant, and on the dashboard of the page:
 * `can("datasource:create")`.
 */
export function useCan(): (permission: string) => boolean {
  const permissions = useMembership()?.permissions;
  const level = useLevel();
  return (permission) => (permissions?.includes(permission) ?? false) && isAllowedAt(level, permission);
}

const built = ["dataquery", "widget", "dashboard", "workflow"];

/** Whether the caller's role builds nothing: it reads, and perhaps runs and decides. */
export const isReader = (can: (permission: string) => boolean): boolean =>
  can("dashboard:list") && !built.some((kind) => can(`${kind}:create`) || can(`${kind}:update`));

/** What running an unsaved draft of a kind requires: permission to run, and to create or update. */
const trying = {
  datasource: { run: "datasource:test", save: ["datasource:create"] },
  dataquery: { run: "dataquery:execute", save: ["dataquery:create"] },
  workflow: { run: "workflow:execute", save: ["workflow:create", "workflow:update"] },
} as const;

/** Whether the caller may run drafts of a kind in the current tenant. */
export function useMayTry(kind: keyof typeof trying): boolean {
  const can = useCan();
  const { run, save } = trying[kind];
  return can(run) && save.some(can);
}
