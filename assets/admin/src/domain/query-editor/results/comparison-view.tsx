import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Skeleton, Text } from "@mantine/core";
import { IconArrowsLeftRight } from "@tabler/icons-react";
import type { QueryResult } from "@/lib/api/model";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import classes from "../data-queries.module.css";
import type { Comparison } from "./comparison";
import halves from "./comparison.module.css";
import { ResultGrid } from "./result-grid";

/** Compares the datasource's result with the result of the transformer. */
export function ComparisonView({
  comparison,
  changesData,
}: {
  comparison: Comparison;
  changesData: boolean;
}) {
  const { before, after, error, running } = comparison;
  if (changesData)
    return (
      <Note
        text={t`This query changes data, and comparing would run it twice. Run it instead: the result shows what the transformer returned.`}
      />
    );
  const start = (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconArrowsLeftRight size={14} />}
      loading={running}
      onClick={() => void comparison.start()}
    >
      {before || error ? t`Compare again` : t`Compare`}
    </Button>
  );
  if (!before && !error) {
    return (
      <Group p="md" gap="md">
        {start}
        <Text size="sm" c="dimmed">
          <Trans>Runs the query twice: without the transformer and with it.</Trans>
        </Text>
      </Group>
    );
  }
  const failed = (
    <ErrorPanel error={error} title={before ? t`The transformer failed` : t`Could not run the query`} />
  );
  return (
    <div className={halves.comparison} aria-busy={running}>
      <Half
        title={t`Before`}
        label={t`Before the transformer`}
        result={before}
        action={null}
        failed={failed}
        running={running}
      />
      <Half
        title={t`After`}
        label={t`After the transformer`}
        result={after}
        action={start}
        failed={before ? failed : null}
        running={running}
      />
    </div>
  );
}

interface HalfProps {
  title: string;
  label: string;
  result: QueryResult | null;
  action: React.ReactNode;
  failed: React.ReactNode;
  running: boolean;
}

function Half({ title, label, result, action, failed, running }: HalfProps) {
  return (
    <section className={halves.half} aria-label={title}>
      <Group className={halves.halfHead} gap="sm" wrap="nowrap">
        <Text size="sm" fw={500}>
          {title}
        </Text>
        {result && (
          <Text size="xs" c="dimmed" className="tabular" truncate>
            {Array.isArray(result.data)
              ? plural(result.rowCount, { one: "# row", other: "# rows" })
              : t`not a list`}
          </Text>
        )}
        <div style={{ marginInlineStart: "auto" }}>{action}</div>
      </Group>
      <div className={halves.halfBody} data-stale={running || undefined}>
        {result ? (
          <ResultGrid result={result} label={label} />
        ) : running ? (
          <Skeleton m="md" h={14} w="60%" />
        ) : (
          <div className={classes.form}>{failed}</div>
        )}
      </div>
    </section>
  );
}

function Note({ text }: { text: string }) {
  return (
    <Text size="sm" c="dimmed" p="md" maw={560}>
      {text}
    </Text>
  );
}
