import { t } from "@lingui/core/macro";
import { createContext, useContext } from "react";
import { useParams } from "react-router";

const LAST_TENANT = "jet-admin.last-tenant";

const Outside = createContext(false);

/** Around what is drawn for strangers: no tenant can be asked for anything there. */
export const OutsideTenants = Outside.Provider;
export const useOutsideTenants = (): boolean => useContext(Outside);

/** The tenant of the present page. Only below `/t/:tenantID`. */
export function useTenantID(): string {
  const { tenantID } = useParams();
  const outside = useOutsideTenants();
  if (!tenantID && outside) return "";
  if (!tenantID) throw new Error(t`This page needs a tenant in its URL.`);
  return tenantID;
}

/** Makes the address of a page in the present tenant: `to("datasources", id)`. */
export function useTenantLink(): (...segments: string[]) => string {
  const tenantID = useTenantID();
  return (...segments) => ["/t", tenantID, ...segments].join("/");
}

export const lastTenant = {
  get: (): string | null => localStorage.getItem(LAST_TENANT),
  set: (tenantID: string) => localStorage.setItem(LAST_TENANT, tenantID),
  clear: () => localStorage.removeItem(LAST_TENANT),
};
