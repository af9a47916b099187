import { t } from "@lingui/core/macro";
import type { FileColumnChoice } from "@/lib/api/model";

/** What a column of a file contains, by type. */
export const columnTypes: Record<FileColumnChoice["type"], string> = {
  text: t`Text`,
  integer: t`Integer`,
  real: t`Number`,
  boolean: t`Boolean`,
  date: t`Date`,
  datetime: t`Date and time`,
  time: t`Time`,
  duration: t`Duration`,
  json: t`JSON`,
};
