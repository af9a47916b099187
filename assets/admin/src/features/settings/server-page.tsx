import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Code, Skeleton, Stack, Text, Title } from "@mantine/core";
import { SettingsTabs } from "@/domain/tenants/settings-tabs";
import { useMe } from "@/lib/api/me";
import type { InstanceState } from "@/lib/api/model";
import { useInstance } from "@/lib/api/subjects/instance";
import { formatStorage, formatNumber } from "@/lib/format/format";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import { NoAccess } from "@/ui/page/plain-page";
import { Time } from "@/ui/text/time";
import { Accounts } from "./accounts";
import classes from "./server.module.css";
import { usageLabel } from "./usage-labels";

/** The state of the server, for the admin of the instance. */
export function ServerPage() {
  const { data: me } = useMe();
  if (me && !me.user.isInstanceAdmin) return <NoAccess />;
  return me ? <Page /> : null;
}

function Page() {
  const { data, error, refetch } = useInstance();
  return (
    <>
      <PageHeader title={t`Server`} />
      <SettingsTabs />
      {error && !data && <ErrorPanel page error={error} onRetry={() => void refetch()} />}
      {!error && !data && <Skeleton m="xl" h={200} maw={560} />}
      {data && (
        <Stack p={{ base: "lg", sm: "xl" }} gap="xl">
          <Facts state={data} />
          <Storage state={data} />
          <Backups />
          <Accounts />
        </Stack>
      )}
    </>
  );
}

const signups: Record<InstanceState["signup"], string> = {
  open: t`Anyone can create an account.`,
  invite: t`Only people with an invitation can create an account.`,
  closed: t`Nobody can create an account.`,
};

function Facts({ state }: { state: InstanceState }) {
  const { version, startedAt, publicUrl, signup, mailFrom, accounts, tenants } = state;
  return (
    <dl className={classes.facts}>
      <Fact label={t`Version`}>{version}</Fact>
      <Fact label={t`Started`}>
        <Time value={startedAt} />
      </Fact>
      <Fact label={t`Public URL`}>
        <span className={classes.long}>{publicUrl}</span>
      </Fact>
      <Fact label={t`Sign-up`} hint={<Code>--signup</Code>}>
        {signups[signup]}
      </Fact>
      <Fact
        label={t`Email`}
        hint={
          mailFrom ? undefined : (
            <Trans>
              Links to reset passwords are only in its log. Set <Code>--smtp-url</Code> and{" "}
              <Code>--mail-from</Code>.
            </Trans>
          )
        }
      >
        {mailFrom ? t`Sent as ${mailFrom}` : t`This server sends no email.`}
      </Fact>
      <Fact label={t`Accounts`}>{formatNumber(accounts)}</Fact>
      <Fact label={t`Tenants`}>{formatNumber(tenants)}</Fact>
    </dl>
  );
}

function Fact({
  label,
  hint,
  children,
}: {
  label: string;
  hint?: React.ReactNode;
  children: React.ReactNode;
}) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {children}
        {hint && <div className={classes.hint}>{hint}</div>}
      </dd>
    </div>
  );
}

function Storage({ state: { storage, disk } }: { state: InstanceState }) {
  return (
    <section aria-labelledby="server-storage">
      <Title order={2} id="server-storage" mb="sm">
        <Trans>Storage</Trans>
      </Title>
      {disk && (
        <Text mb="sm" {...(disk.isLow ? { c: "var(--mantine-color-error)", role: "alert" } : {})}>
          {disk.isLow
            ? t`${formatStorage(disk.freeBytes)} of ${formatStorage(disk.totalBytes)} are free. Tenants cannot add data until more is free.`
            : t`${formatStorage(disk.freeBytes)} of ${formatStorage(disk.totalBytes)} are free on the disk with the data directory.`}
        </Text>
      )}
      <dl className={classes.facts}>
        {storage.map(({ kind, used }) => (
          <Fact key={kind} label={usageLabel(kind)}>
            {formatStorage(used)}
          </Fact>
        ))}
      </dl>
    </section>
  );
}

function Backups() {
  return (
    <section aria-labelledby="server-backups">
      <Title order={2} id="server-backups" mb="sm">
        <Trans>Backups</Trans>
      </Title>
      <Text mb="xs">
        <Trans>Run this on the server’s machine, for example every night. The server keeps running.</Trans>
      </Text>
      <Code block className={classes.command ?? ""}>
        {/* eslint-disable-next-line lingui/no-unlocalized-strings -- a command */}
        {"jet-admin backup /backups/jet-admin-$(date +%F).backup --passphrase-file /etc/jet-admin.passphrase"}
      </Code>
    </section>
  );
}
