import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Skeleton, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { assetKinds } from "@/domain/records/asset-kinds";
import { useUsers } from "@/domain/records/use-users";
import { collections } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import classes from "./files.module.css";

/** What reads the file, directly or through others. */
export function FileUsers({ fileID }: { fileID: string }) {
  const link = useTenantLink();
  const { users, isLoading } = useUsers(fileID);
  return (
    <section aria-label={t`Used by`}>
      <Title order={2} size="h4" mb="xs">
        <Trans>Used by</Trans>
      </Title>
      {isLoading && users.length === 0 && <Skeleton h={20} maw={320} />}
      {!isLoading && users.length === 0 && (
        <Text size="sm" c="var(--jet-muted)">
          <Trans>Nothing uses this file yet.</Trans>
        </Text>
      )}
      <ul className={classes.users}>
        {users.map(({ kind, id, name }) => {
          const { icon: KindIcon, word } = assetKinds[kind];
          return (
            <li key={id}>
              <Link to={link(collections[kind], id)} className={classes.user}>
                <KindIcon size={16} stroke={1.6} color="var(--jet-muted)" aria-hidden />
                <Text span size="sm" fw={500} truncate flex={1}>
                  {name}
                </Text>
                <Text span size="sm" c="var(--jet-muted)">
                  {word}
                </Text>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
