import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import type { JsonObject } from "@/lib/api/model";
import { formatNumber } from "@/lib/format/format";
import { isOn } from "../../kinds/config";
import { parametersOf } from "../config-schema";
import { mostRows, readWhole, rowLimit, type LimitedQuery } from "./row-limit";

interface RowLimitNoteProps {
  query: LimitedQuery | undefined;
  config: JsonObject;
  /** Whether people edit the rows: those that are missing would go unnoticed. */
  isEdited: boolean;
  onParameters: (parameters: JsonObject) => void;
}

/** Says how many rows a widget without pages loads of a query that pages itself. */
export function RowLimitNote({ query, config, isEdited, onParameters }: RowLimitNoteProps) {
  const mapped = parametersOf(config);
  const limit = rowLimit(query, mapped);
  if (!limit || isOn(config, "serverPaging")) return null;
  const { parameter, isWhole } = limit;
  const rows = formatNumber(limit.rows);
  if (isWhole)
    return (
      <Text size="xs" c="var(--jet-muted)">
        <Trans>
          Loads up to {rows} rows at once, because the parameter “{parameter}” allows that many.
        </Trans>
      </Text>
    );
  if (!isEdited) return null;
  const most = formatNumber(mostRows(query));
  return (
    <Group gap="xs" role="alert">
      <Text size="sm">{t`Loads only ${rows} rows, the value of the parameter “${parameter}”.`}</Text>
      <Button size="xs" variant="default" onClick={() => onParameters(readWhole(mapped, parameter, query))}>
        <Trans>Load up to {most} rows</Trans>
      </Button>
    </Group>
  );
}
