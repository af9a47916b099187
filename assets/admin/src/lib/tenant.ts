import { t } from "@lingui/core/macro";
import { createContext, useContext } from "react";
import { useParams } from "react-router";

const LAST_TENANT = "jet-admin.last-tenant";

const Outside = createContext(false);

/** Set around content for people without an account: there is no tenant to send requests to. */
export const OutsideTenants = Outside.Provider;
export const useOutsideTenants = (): boolean => useContext(Outside);

/** Returns the tenant of the current page. Only below `/t/:tenantID`. */
export function useTenantID(): string {
  const { tenantID } = useParams();
  const outside = useOutsideTenants();
  if (!tenantID && outside) return "";
  if (!tenantID) throw new Error(t`This page needs a tenant in its URL.`);
  return tenantID;
}

/** Returns the path of a page in the current tenant: `to("datasources", id)`. */
export function useTenantLink(): (...segments: string[]) => string {
  const tenantID = useTenantID();
  return (...segments) => ["/t", tenantID, ...segments].join("/");
}

export const lastTenant = {
  get: (): string | null => localStorage.getItem(LAST_TENANT),
  set: (tenantID: string) => localStorage.setItem(LAST_TENANT, tenantID),
  clear: () => localStorage.removeItem(LAST_TENANT),
};
