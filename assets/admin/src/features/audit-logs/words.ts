import { t } from "@lingui/core/macro";

/** The kinds of records in the audit log, by their names in the API. */
export const kinds: Record<string, string> = {
  tenant: t`Tenant`,
  member: t`Member`,
  invitation: t`Invitation`,
  role: t`Role`,
  apikey: t`API key`,
  share: t`Share link`,
  datasource: t`Datasource`,
  file: t`File`,
  variable: t`Variable`,
  dataquery: t`Query`,
  widget: t`Widget`,
  dashboard: t`Dashboard`,
  workflow: t`Workflow`,
  instance: t`Workflow run`,
};

const verbs: Record<string, string> = {
  create: t`Created`,
  update: t`Changed`,
  change: t`Changed data`,
  import: t`Imported data`,
  delete: t`Deleted`,
  restore: t`Restored`,
  purge: t`Deleted permanently`,
  rotate: t`Webhook URL replaced`,
  transfer: t`Transferred`,
  access: t`Access changed`,
  approve: t`Approved`,
  reject: t`Rejected`,
};

const kept = ["create", "update", "delete"];
const restorable = [...kept, "restore", "purge"];
const passed = ["create", "delete", "transfer"];

/** What can be done with each kind. */
const done: Record<string, readonly string[]> = {
  tenant: ["create", "update"],
  member: kept,
  invitation: passed,
  role: kept,
  apikey: passed,
  share: passed,
  datasource: [...restorable, "change", "import"],
  file: restorable,
  variable: restorable,
  dataquery: [...restorable, "change"],
  widget: restorable,
  dashboard: [...restorable, "access"],
  workflow: [...restorable, "rotate"],
  instance: ["approve", "reject"],
};

/** The actions of a kind, or of all kinds, for a list to select from. */
export const actionsOf = (kind: string | null) =>
  Object.entries(done)
    .filter(([one]) => kind === null || kind === one)
    .map(([one, verbsOfKind]) => ({
      group: kinds[one] ?? one,
      items: verbsOfKind.map((verb) => ({ value: `${one}.${verb}`, label: verbs[verb] ?? verb })),
    }));

/** Returns the kind of record that an action changes. */
export const kindOf = (action: string): string => action.slice(0, action.indexOf("."));

/** Returns what was done, for people: `widget.create` is “Created”. */
export function actionText(action: string): string {
  return verbs[action.slice(action.indexOf(".") + 1)] ?? action;
}
