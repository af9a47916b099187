import { t } from "@lingui/core/macro";
import type { AccessGrant, AccessLevel, AccessSettings, Member, Role } from "@/lib/api/model";
import { serverText } from "@/lib/i18n";

/** A role or a member that may open a dashboard, as the dialog edits it. */
export interface Holder {
  id: string;
  kind: "role" | "member";
  name: string;
  level: AccessLevel;
}

const unknown = () => t`Unknown`;

export const holderOf = ({ roleID, userID, level, name, email }: AccessGrant): Holder =>
  roleID
    ? { id: roleID, kind: "role", name: serverText(name) || unknown(), level }
    : { id: userID ?? "", kind: "member", name: name || email || unknown(), level };

export const settingsOf = (everyone: boolean, holders: readonly Holder[]): AccessSettings => ({
  everyone,
  grants: everyone
    ? []
    : holders.map(({ id, kind, level }) => (kind === "role" ? { roleID: id, level } : { userID: id, level })),
});

/** The permission that someone needs besides their level. */
const requires: Record<AccessLevel, string> = {
  view: "dashboard:read",
  use: "dashboard:use",
  edit: "dashboard:update",
};

/** Says what a holder's role does not allow of their level; `null` if it allows all of it. */
export function shortfallOf(
  { id, kind, level }: Holder,
  roles: readonly Role[],
  members: readonly Member[],
): string | null {
  const roleID = kind === "role" ? id : members.find(({ userID }) => userID === id)?.roleID;
  const role = roles.find((one) => one.id === roleID);
  const lacks = (permission: string) => role && !role.permissions.includes(permission);
  if (lacks(requires.view)) return t`This role cannot open dashboards.`;
  if (level !== "view" && lacks(requires.use) && lacks(requires[level]))
    return t`Their role only views dashboards.`;
  return level === "edit" && lacks(requires.edit) ? t`Their role cannot edit dashboards.` : null;
}
