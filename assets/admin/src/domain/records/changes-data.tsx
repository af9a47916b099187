import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Badge, Tooltip } from "@mantine/core";

/** Marks a query that changes data: on its page, and wherever it is listed or selected. */
export function ChangesData({ focusable = false }: { focusable?: boolean }) {
  return (
    <Tooltip
      label={t`It runs only when someone executes it, and in actions and workflows: never to show data.`}
    >
      <Badge
        variant="light"
        color="yellow"
        size="sm"
        tt="none"
        fw={500}
        style={{ flex: "none" }}
        {...(focusable ? { tabIndex: 0 } : {})}
      >
        <Trans>Changes data</Trans>
      </Badge>
    </Tooltip>
  );
}

/** Whether a record is a query that changes data. */
export const changesData = (record: object): boolean =>
  "changesData" in record && record.changesData === true;

/** Whether the rows of a query may be shown. */
export const onlyReads = (record: object): boolean => !changesData(record);
