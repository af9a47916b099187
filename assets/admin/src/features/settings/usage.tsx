import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Divider, Group, Progress, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { UsageItem } from "@/lib/api/model";
import { useUsage } from "@/lib/api/subjects/tenants";
import { formatBytes } from "@/lib/format/format";
import { ErrorPanel } from "@/ui/feedback/error-panel";

/** Shows what the tenant stores of each kind, with its quota. */
export function Usage() {
  const usage = useUsage();
  return (
    <section aria-labelledby="usage">
      <Divider mb="lg" />
      <Title order={2} id="usage">
        <Trans>Storage</Trans>
      </Title>
      <Text c="dimmed" my="sm">
        <Trans>Storage used by this tenant. The server’s operator sets the quotas.</Trans>
      </Text>
      {usage.error && <ErrorPanel error={usage.error} onRetry={() => void usage.refetch()} />}
      {usage.isLoading && <Skeleton h={160} />}
      {usage.data && (
        <Stack gap="md">
          {usage.data.items.map((item) => (
            <Bar key={item.kind} item={item} label={label(item.kind)} />
          ))}
        </Stack>
      )}
    </section>
  );
}

function Bar({ item: { used, limit, atLimit }, label }: { item: UsageItem; label: string }) {
  const percent = limit === null ? 0 : Math.min((used / limit) * 100, 100);
  const color = atLimit === "deleteOldest" || percent < 80 ? "blue" : percent < 100 ? "yellow" : "red";
  const amount =
    limit === null ? t`${formatBytes(used)}, no limit` : t`${formatBytes(used)} of ${formatBytes(limit)}`;
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="sm">{label}</Text>
        <Text size="sm" c="dimmed">
          {amount}
        </Text>
      </Group>
      {limit !== null && <Progress value={percent} color={color} aria-label={`${label}: ${amount}`} />}
      <Text size="xs" c="dimmed" mt={4}>
        {atLimit === "refuse" ? (
          <Trans>When the quota is reached, new data is rejected.</Trans>
        ) : (
          <Trans>When the quota is reached, the oldest entries are deleted.</Trans>
        )}
      </Text>
    </div>
  );
}

function label(kind: UsageItem["kind"]): string {
  switch (kind) {
    case "files":
      return t`Files and databases`;
    case "records":
      return t`Records`;
    case "versions":
      return t`Versions`;
    case "unfinishedRuns":
      return t`Unfinished runs`;
    case "endedRuns":
      return t`Finished runs`;
    case "queryHistory":
      return t`Query history`;
    case "auditLog":
      return t`Audit log`;
  }
}
