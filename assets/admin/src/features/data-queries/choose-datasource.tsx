import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Skeleton, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconDatabase, IconPlus, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link, Navigate, useSearchParams } from "react-router";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useCan } from "@/lib/api/me";
import { useList } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { EmptyState } from "@/ui/feedback/empty-state";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import classes from "@/domain/query-editor/data-queries.module.css";

/** Lists the datasources that a new query can use. */
export function ChooseDatasource() {
  const link = useTenantLink();
  const can = useCan();
  const [, setSearch] = useSearchParams();
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text.trim(), 200);
  const list = useList("datasource", { q, sort: "name", limit: 100 });
  const types = useDatasourceTypes().data;
  const connect = can("datasource:create") && (
    <Button component={Link} to={link("datasources", "new")} leftSection={<IconPlus size={16} />}>
      <Trans>New datasource</Trans>
    </Button>
  );
  const [only, ...others] = list.items ?? [];
  // With a single datasource there is nothing to select.
  if (only && others.length === 0 && list.total === 1 && text === "" && !list.isPlaceholderData)
    return <Navigate replace to={`?datasource=${only.id}`} />;
  return (
    <>
      <PageHeader title={t`New query`} breadcrumb={[{ label: t`Queries`, to: link("data-queries") }]} />
      {list.error && <ErrorPanel page error={list.error} onRetry={() => void list.refetch()} />}
      {list.items?.length === 0 && q === "" ? (
        <EmptyState
          icon={IconDatabase}
          title={t`Connect a datasource first`}
          text={t`Queries read data from a datasource. This tenant has none yet.`}
          action={connect}
        />
      ) : (
        <Stack className={classes.choose} gap="md">
          <Text>
            <Trans>Select a datasource</Trans>
          </Text>
          <TextInput
            aria-label={t`Search datasources`}
            placeholder={t`Search datasources`}
            leftSection={<IconSearch size={16} />}
            value={text}
            autoFocus
            onChange={(event) => setText(event.currentTarget.value)}
          />
          {!list.items && !list.error && <Skeleton h={120} />}
          <Stack gap={0} component="ul" className={classes.choices}>
            {list.items?.map(({ id, name, type, description }) => (
              <li key={id}>
                <UnstyledButton className={classes.choice} onClick={() => setSearch({ datasource: id })}>
                  <Text span fw={500}>
                    {name}
                  </Text>
                  <Text span size="sm" c="dimmed" truncate>
                    {[types?.find((candidate) => candidate.type === type)?.name ?? type, description]
                      .filter(Boolean)
                      .join(" · ")}
                  </Text>
                </UnstyledButton>
              </li>
            ))}
          </Stack>
          {list.items?.length === 0 && (
            <Text c="dimmed">
              <Trans>No results.</Trans>
            </Text>
          )}
        </Stack>
      )}
    </>
  );
}
