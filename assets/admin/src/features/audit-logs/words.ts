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
  instance: t`Run`,
};

const verbs: Record<string, string> = {
  create: t`Created`,
  update: t`Changed`,
  delete: t`Deleted`,
  restore: t`Restored`,
  purge: t`Deleted permanently`,
  rotate: t`Webhook URL replaced`,
  transfer: t`Transferred`,
  approve: t`Approved`,
  reject: t`Rejected`,
};

/** Returns what was done, for people: `widget.create` is “Created”. */
export function actionText(action: string): string {
  return verbs[action.slice(action.indexOf(".") + 1)] ?? action;
}
