import { t } from "@lingui/core/macro";

const names: Record<string, string> = {
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": t`Excel workbook`,
  "text/csv": "CSV",
  "text/tab-separated-values": "TSV",
  "application/json": "JSON",
};

/** Returns a media type as people call it. */
export const mediaName = (mediaType: string): string => names[mediaType] ?? mediaType;
