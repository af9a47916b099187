import { t } from "@lingui/core/macro";
import { columnTypes } from "@/domain/files/column-types";
import type { ImportType } from "@/lib/api/model";

/** What a column of a table contains, by type. */
export const importTypes: Record<ImportType, string> = {
  text: columnTypes.text,
  integer: columnTypes.integer,
  real: columnTypes.real,
  decimal: t`Exact decimal`,
  boolean: columnTypes.boolean,
  date: columnTypes.date,
  datetime: columnTypes.datetime,
  timestamp: t`Date and time with time zone`,
  time: columnTypes.time,
  json: columnTypes.json,
};
