import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { SimpleGrid, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { useDatasourceTypes } from "@/lib/api/catalog";
import type { DatasourceType } from "@/lib/api/model";
import { labelOf } from "@/lib/schema/schema-fields";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import { prose } from "@/ui/text/prose";
import classes from "./datasources.module.css";
import { groupsOf } from "./groups";
import { TypeIcon } from "./type-icon";

/** Lists everything that can be connected. */
export function DatasourceGallery() {
  const link = useTenantLink();
  const { data: types, error, refetch } = useDatasourceTypes();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const found = types?.filter(({ name, type, category, description }) =>
    [name, type, category, description].some((words) => words?.toLowerCase().includes(wanted)),
  );
  // What was searched for is one list.
  const groups = wanted ? [["", found ?? []] as const] : groupsOf(found ?? []);
  return (
    <>
      <PageHeader
        title={t`New datasource`}
        breadcrumb={[{ label: t`Datasources`, to: link("datasources") }]}
      />
      <Stack className={classes.page} gap="xl">
        {error && <ErrorPanel error={error} onRetry={() => void refetch()} />}
        {types && types.length > 8 && (
          <TextInput
            aria-label={t`Search datasource types`}
            placeholder={t`Search datasource types`}
            autoFocus
            leftSection={<IconSearch size={16} />}
            maw={320}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) =>
              event.key === "Enter" &&
              wanted &&
              found?.[0] &&
              void navigate(link("datasources", "new", found[0].type))
            }
          />
        )}
        {!types && !error && (
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
            <Skeleton h={72} />
            <Skeleton h={72} />
            <Skeleton h={72} />
          </SimpleGrid>
        )}
        {groups.map(([category, members]) => (
          <section key={category}>
            {category !== "" && (
              <Title order={2} size="h3" mb="sm">
                {category === null ? t`Other` : labelOf(category, {})}
              </Title>
            )}
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
              {members.map((type) => (
                <Tile key={type.type} type={type} />
              ))}
            </SimpleGrid>
          </section>
        ))}
        {found?.length === 0 && (
          <Text c="dimmed">
            <Trans>No results.</Trans>
          </Text>
        )}
      </Stack>
    </>
  );
}

function Tile({ type }: { type: DatasourceType }) {
  const link = useTenantLink();
  return (
    <Link className={classes.tile} to={link("datasources", "new", type.type)}>
      <TypeIcon name={type.name} size={24} />
      <span>
        <Text fw={500}>{type.name}</Text>
        <Text size="sm" c="dimmed">
          {prose(type.description)}
        </Text>
      </span>
    </Link>
  );
}
