import { t } from "@lingui/core/macro";
import type { TableAppDraft } from "@/lib/api/model";

/** What the widgets of a new app say, in the language of the person who creates it. */
export const appTexts = (): TableAppDraft["texts"] => ({
  newRow: t`New row`,
  create: t`Create`,
  created: t`Row created.`,
  editRow: t`Edit row`,
  save: t`Save`,
  saved: t`Row saved.`,
  selectRow: t`Select a row to edit it.`,
  delete: t`Delete`,
  confirmDelete: t`Delete this row? This cannot be undone.`,
  noKey: t`Rows cannot be added, edited or deleted here, because the table has no primary key.`,
  binaryKey: t`Rows cannot be added, edited or deleted here, because the primary key of the table contains bytes.`,
  readOnly: t`Rows cannot be added, edited or deleted here, because the datasource is read-only.`,
});
