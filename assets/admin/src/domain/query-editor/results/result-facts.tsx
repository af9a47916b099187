import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Badge, Button, Group, Text, Tooltip } from "@mantine/core";
import { IconBolt, IconEyeCheck, IconPencilCheck } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { formatDuration } from "@/lib/format/format";
import { changedRows, previewedRows } from "@/lib/rows/row-changes";
import classes from "../data-queries.module.css";
import type { Runner } from "../run";

/** "24 rows · 3 ms · from cache". */
export function Facts({ runner, isOutdated }: { runner: Runner; isOutdated: boolean }) {
  const { result, asked, running } = runner;
  if (running) return <Running runner={runner} />;
  if (!result) return null;
  // The changes are listed below.
  const isChange = typeof result.affectedRows === "number" && result.rowCount === 0;
  const rows =
    asked?.mode === "explain" || isChange ? null : plural(result.rowCount, { one: "# row", other: "# rows" });
  return (
    <Group gap="sm" wrap="nowrap" className={classes.facts} role="status">
      {isOutdated && (
        <Tooltip label={t`The query or its values have changed since this result. Run it again.`}>
          <Badge
            size="sm"
            color="yellow"
            variant="light"
            tt="none"
            fw={500}
            style={{ flex: "none" }}
            tabIndex={0}
          >
            <Trans>Outdated</Trans>
          </Badge>
        </Tooltip>
      )}
      {result.cache === "hit" && (
        <Badge
          size="sm"
          variant="default"
          tt="none"
          fw={400}
          leftSection={<IconBolt size={12} />}
          style={{ flex: "none" }}
        >
          <Trans>from cache</Trans>
        </Badge>
      )}
      <Text size="xs" c="dimmed" className="tabular" style={{ whiteSpace: "nowrap" }}>
        {[rows, formatDuration(result.durationMs)].filter(Boolean).join(" · ")}
      </Text>
    </Group>
  );
}

/** Shows how long the query has been running, after the first second. */
function Running({ runner }: { runner: Runner }) {
  const { since } = runner;
  const [now, setNow] = useState(since);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.floor(Math.max(0, now - since) / 1000);
  return (
    <Group gap="sm" wrap="nowrap" className={classes.facts}>
      <Text size="xs" c="dimmed" role="status" style={{ whiteSpace: "nowrap" }}>
        <Trans>Running…</Trans>
      </Text>
      <Text size="xs" c="dimmed" className="tabular" style={{ whiteSpace: "nowrap" }} aria-hidden>
        {seconds > 0 && formatDuration(seconds * 1000)}
      </Text>
    </Group>
  );
}

/** What a run changed, or would change. */
export function ChangeNotice({ runner }: { runner: Runner }) {
  const { result, asked } = runner;
  if (!result) return null;
  const changed = result.affectedRows;
  const preview = asked?.mode === "preview";
  if (!preview && typeof changed !== "number") return null;
  const count = changed ?? 0;
  return (
    <div className={classes.notice} data-tone={preview ? "preview" : "done"} role="status">
      {preview ? <IconEyeCheck size={16} aria-hidden /> : <IconPencilCheck size={16} aria-hidden />}
      <span>{preview ? previewedRows(count, result.rowChange) : changedRows(count, result.rowChange)}</span>
      {preview && (
        <Button size="compact-xs" variant="default" ml="auto" onClick={runner.commit}>
          <Trans>Run now</Trans>
        </Button>
      )}
    </div>
  );
}
