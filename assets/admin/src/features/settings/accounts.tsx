import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Badge, Button, Code, Group, Skeleton, Table, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { InstanceAccount } from "@/lib/api/model";
import { useInstanceAccounts } from "@/lib/api/subjects/instance";
import { formatCount } from "@/lib/format/format";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { Time } from "@/ui/text/time";
import classes from "./server.module.css";

/** All accounts of the instance. */
export function Accounts() {
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text.trim(), 200);
  const list = useInstanceAccounts(q);
  return (
    <section aria-labelledby="server-accounts">
      <Title order={2} id="server-accounts" mb="sm">
        <Trans>Accounts</Trans>
      </Title>
      <Text c="dimmed" mb="sm">
        <Trans>
          To set a password or disable an account, run <Code>jet-admin user reset-password</Code> or{" "}
          <Code>jet-admin user disable</Code> with its email address on the server’s machine.
        </Trans>
      </Text>
      <Group mb="sm" gap="sm">
        <TextInput
          aria-label={t`Search accounts`}
          placeholder={t`Search accounts`}
          leftSection={<IconSearch size={16} />}
          maxLength={200}
          value={text}
          data-list-search
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Text size="sm" c="dimmed" ml="auto" aria-live="polite" className="tabular">
          {list.total !== undefined && formatCount(list.total, t`account`, t`accounts`)}
        </Text>
      </Group>
      {list.error && <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />}
      {!list.items && !list.error && <Skeleton h={120} />}
      {list.items && <Rows accounts={list.items} />}
      {list.hasNextPage && (
        <Group justify="center" p="md">
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            <Trans>Load more</Trans>
          </Button>
        </Group>
      )}
    </section>
  );
}

function Rows({ accounts }: { accounts: readonly InstanceAccount[] }) {
  if (accounts.length === 0)
    return (
      <Text c="dimmed" role="status">
        <Trans>No results.</Trans>
      </Text>
    );
  return (
    <Table.ScrollContainer minWidth={0} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table className={classes.table} aria-label={t`Accounts`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t`Email`}</Table.Th>
            <Table.Th className={classes.secondary}>{t`Name`}</Table.Th>
            <Table.Th>{t`Last sign-in`}</Table.Th>
            <Table.Th className={classes.secondary}>{t`Created`}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {accounts.map((account) => (
            <Table.Tr key={account.id}>
              <Table.Td className={classes.long}>
                {account.email} <Marks account={account} />
              </Table.Td>
              <Table.Td className={classes.secondary}>{account.name}</Table.Td>
              <Table.Td>
                {account.lastLoginAt ? <Time value={account.lastLoginAt} /> : <Trans>never</Trans>}
              </Table.Td>
              <Table.Td className={classes.secondary}>
                <Time value={account.createdAt} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Marks({ account: { isInstanceAdmin, disabled, emailVerified } }: { account: InstanceAccount }) {
  return (
    <>
      {isInstanceAdmin && (
        <Badge size="sm" variant="light" color="gray">
          <Trans>Server admin</Trans>
        </Badge>
      )}
      {disabled && (
        <Badge size="sm" variant="light" color="red">
          <Trans>Disabled</Trans>
        </Badge>
      )}
      {!emailVerified && (
        <Badge size="sm" variant="light" color="gray">
          <Trans>Not verified</Trans>
        </Badge>
      )}
    </>
  );
}
