import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Divider, Group, Progress, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { UsageItem } from "@/lib/api/model";
import { useUsage } from "@/lib/api/subjects/tenants";
import { formatStorage } from "@/lib/format/format";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { usageLabel } from "./usage-labels";

/** Shows what the tenant stores of each kind, with its quota. */
export function Usage() {
  const usage = useUsage();
  return (
    <section aria-labelledby="usage">
      <Divider mb="lg" />
      <Title order={2} id="usage">
        <Trans>Storage</Trans>
      </Title>
      <Text size="sm" c="dimmed" mt="xs" mb="lg">
        <Trans>Storage used by this tenant. The server’s operator sets the quotas.</Trans>
      </Text>
      {usage.error && <ErrorPanel error={usage.error} onRetry={() => void usage.refetch()} />}
      {usage.isLoading && <Skeleton h={160} />}
      {usage.data && (
        <Stack gap="xl">
          <Bars
            title={t`When a quota is reached, new data is rejected`}
            items={usage.data.items.filter(({ atLimit }) => atLimit === "refuse")}
          />
          <Bars
            title={t`When a quota is reached, the oldest entries are deleted`}
            items={usage.data.items.filter(({ atLimit }) => atLimit !== "refuse")}
          />
        </Stack>
      )}
    </section>
  );
}

function Bars({ title, items }: { title: string; items: readonly UsageItem[] }) {
  if (items.length === 0) return null;
  return (
    <Stack gap="md">
      <Title order={3} fz="sm">
        {title}
      </Title>
      {items.map((item) => (
        <Bar key={item.kind} item={item} label={usageLabel(item.kind)} />
      ))}
    </Stack>
  );
}

function Bar({ item: { used, limit, atLimit }, label }: { item: UsageItem; label: string }) {
  const percent = limit === null ? 0 : Math.min((used / limit) * 100, 100);
  const color = atLimit === "deleteOldest" || percent < 80 ? "blue" : percent < 100 ? "yellow" : "red";
  const amount =
    limit === null
      ? t`${formatStorage(used)}, no limit`
      : t`${formatStorage(used)} of ${formatStorage(limit)}`;
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="sm">{label}</Text>
        <Text size="sm" c="dimmed">
          {amount}
        </Text>
      </Group>
      {limit !== null && <Progress value={percent} color={color} aria-label={`${label}: ${amount}`} />}
    </div>
  );
}
