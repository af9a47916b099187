import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Skeleton, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { assetKinds, isAssetKind } from "@/domain/records/asset-kinds";
import { inOrder } from "@/domain/records/deletion/uses-list";
import { useRecordLink } from "@/domain/records/record-kinds";
import type { RecordUse } from "@/lib/api/model";
import { useUses } from "@/lib/api/subjects/trash";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import classes from "./files.module.css";

/** What reads the file, directly or through others. */
export function FileUsers({ fileID }: { fileID: string }) {
  const { data, error, refetch } = useUses("file", fileID, { indirect: true });
  const others = data?.more.reduce((sum, { count }) => sum + count, 0) ?? 0;
  return (
    <section aria-label={t`Used by`}>
      <Title order={2} size="h4" mb="xs">
        <Trans>Used by</Trans>
      </Title>
      {error && !data && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {!error && !data && <Skeleton h={20} maw={320} />}
      {data && data.items.length + others === 0 && (
        <Text size="sm" c="var(--jet-muted)">
          <Trans>Nothing uses this file yet.</Trans>
        </Text>
      )}
      <ul className={classes.users}>
        {inOrder(data?.items ?? []).map((use) => (
          <li key={use.id}>
            <User use={use} />
          </li>
        ))}
      </ul>
      {others > 0 && (
        <Text size="sm" c="dimmed" mt="xs">
          {plural(others, { one: "and # more record", other: "and # more records" })}
        </Text>
      )}
    </section>
  );
}

function User({ use: { id, kind, name } }: { use: RecordUse }) {
  const linkTo = useRecordLink();
  if (!isAssetKind(kind)) return name;
  const { icon: KindIcon, word } = assetKinds[kind];
  return (
    <Link to={linkTo(kind, id)} className={classes.user}>
      <KindIcon size={16} stroke={1.6} color="var(--jet-muted)" aria-hidden />
      <Text span size="sm" fw={500} truncate flex={1}>
        {name}
      </Text>
      <Text span size="sm" c="var(--jet-muted)">
        {word}
      </Text>
    </Link>
  );
}
