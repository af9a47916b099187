import { t } from "@lingui/core/macro";

const titles: Record<string, string> = {
  SCRIPT_ERROR: t`Script error`,
  SCRIPT_LIMIT: t`Script stopped at a limit`,
  DATASOURCE_ERROR: t`Datasource error`,
  HTTP_ERROR: t`HTTP request failed`,
  MAIL_ERROR: t`Email not sent`,
  TIMEOUT: t`Timed out`,
  INVALID_REQUEST: t`Invalid input`,
  NOT_FOUND: t`Not found`,
  RATE_LIMITED: t`Rate limit reached`,
  OUTPUT_TOO_LARGE: t`Output too large`,
  ENDED_AS_FAILED: t`Ended as failed`,
  SERVER_ERROR: t`Server error`,
};

/** Returns what an error code of a step or a run means, or the code itself if it is not known. */
export const errorTitle = (code: string): string => titles[code] ?? code;
