import { t } from "@lingui/core/macro";
import { ActionIcon, Group, NativeSelect, Text, Tooltip } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconCut } from "@tabler/icons-react";
import { formatNumber } from "@/lib/format/format";
import classes from "../data-queries.module.css";
import { PAGE_SIZES, type Runner } from "../run";

/** Shows which rows these are, with buttons to load others; or that rows were cut off, and what to do. */
export function ResultPages({ runner }: { runner: Runner }) {
  const { result, asked } = runner;
  if (!result || asked?.mode !== "run") return null;
  if (asked.offset === null)
    return result.truncated ? <CutOff rows={result.rowCount} limit={asked.draft.maxRows} /> : null;
  // A query that changed data is not run again for its other rows.
  if (typeof result.affectedRows === "number")
    return result.truncated ? <CutOff rows={result.rowCount} limit={asked.draft.maxRows} /> : null;
  const { offset } = asked;
  const size = Math.min(runner.pageSize, asked.draft.maxRows);
  if (offset === 0 && !result.truncated && result.rowCount <= (PAGE_SIZES[0] ?? 0)) return null;
  return (
    <Group className={classes.pages} gap="sm" wrap="nowrap" component="nav" aria-label={t`Result pages`}>
      <Text size="xs" c="dimmed" className="tabular" role="status" style={{ whiteSpace: "nowrap" }}>
        {rangeOf(offset, result.rowCount, result.truncated)}
      </Text>
      <Group gap="xs" wrap="nowrap" ml="auto">
        <NativeSelect
          size="xs"
          aria-label={t`Rows per page`}
          disabled={runner.running}
          data={[...new Set([...PAGE_SIZES, runner.pageSize])]
            .sort((a, b) => a - b)
            .map((rows) => ({ value: String(rows), label: t`${formatNumber(rows)} per page` }))}
          value={String(runner.pageSize)}
          onChange={(event) => runner.resize(Number(event.currentTarget.value))}
        />
        <Tooltip label={t`Previous page`}>
          <ActionIcon
            aria-label={t`Previous page`}
            disabled={runner.running || offset === 0}
            onClick={() => runner.goTo(Math.max(0, offset - size))}
          >
            <IconChevronLeft size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip
          label={t`Loads the next page. Runs the query again, so add an ORDER BY.`}
          multiline
          maw={240}
        >
          <ActionIcon
            aria-label={t`Next page`}
            disabled={runner.running || !result.truncated}
            onClick={() => runner.goTo(offset + result.rowCount)}
          >
            <IconChevronRight size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
    </Group>
  );
}

function rangeOf(offset: number, count: number, more: boolean): string {
  const first = formatNumber(offset + 1);
  const last = formatNumber(offset + count);
  if (count === 0) return offset > 0 ? t`No more rows` : t`No rows`;
  if (more) return t`Rows ${first}–${last}, more available`;
  return offset > 0 ? t`Rows ${first}–${last}, end of results` : t`Rows ${first}–${last}`;
}

function CutOff({ rows, limit }: { rows: number; limit: number }) {
  const byRows = rows >= limit;
  return (
    <div className={classes.notice} data-tone="cut" role="status">
      <IconCut size={16} aria-hidden />
      <span>
        {byRows
          ? t`Showing only the first ${formatNumber(rows)} rows: this is the query’s row limit.`
          : t`Showing only the first ${formatNumber(rows)} rows: the full result is too large.`}{" "}
        {byRows
          ? t`Increase it under Settings, narrow down the query or download all rows.`
          : t`Narrow down the query or download all rows.`}
      </span>
    </div>
  );
}
