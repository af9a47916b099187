import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, Group, Skeleton, Text, Title } from "@mantine/core";
import { IconCircleCheck, IconTable, IconTablePlus } from "@tabler/icons-react";
import { Link } from "react-router";
import { useAppLink, useMayCreateApp } from "@/domain/table-app/app-from-table";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useCan } from "@/lib/api/me";
import type { FileTable } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { quoteOf } from "@/lib/sql/quote";
import { selectAll } from "@/lib/sql/sql-names";
import { useTenantLink } from "@/lib/tenant";
import classes from "./table.module.css";

/** What was written, and what to do with it next. */
export function Done({ table: { datasourceID, schema, table, rows } }: { table: FileTable }) {
  const link = useTenantLink();
  const can = useCan();
  const appLink = useAppLink();
  const mayCreateApp = useMayCreateApp();
  const datasource = useOne("datasource", datasourceID).data;
  const type = useDatasourceTypes().data?.find((one) => one.type === datasource?.type);
  if (!datasource || !type) return <Skeleton h={120} />;
  const sql = selectAll(schema ? [schema, table] : [table], quoteOf(type));
  const written = plural(rows, { one: "# row was written", other: "# rows were written" });
  return (
    <section className={classes.done} role="status">
      <Group gap="xs" wrap="nowrap">
        <IconCircleCheck size={20} color="var(--mantine-color-green-7)" aria-label={t`Done`} />
        <Title order={2} size="h3">
          {written}
        </Title>
      </Group>
      <Text>
        <Trans>
          The table <b>{table}</b> is in the datasource{" "}
          <Anchor component={Link} to={link("datasources", datasourceID)} underline="always">
            {datasource.name}
          </Anchor>
          . Later changes to the file do not change it.
        </Trans>
      </Text>
      <Group>
        {mayCreateApp && (
          <Button
            component={Link}
            to={appLink({ datasourceID, table, schema })}
            leftSection={<IconTablePlus size={16} />}
          >
            <Trans>Create app from the table</Trans>
          </Button>
        )}
        {can("dataquery:create") && (
          <Button
            component={Link}
            to={`${link("data-queries", "new")}?datasource=${datasourceID}`}
            state={{ sql, run: true }}
            variant="default"
            leftSection={<IconTable size={16} />}
          >
            <Trans>Open in query</Trans>
          </Button>
        )}
      </Group>
    </section>
  );
}
