import { t } from "@lingui/core/macro";
import { SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import { Link, useLocation } from "react-router";
import { needsQuery } from "@/domain/widgets/form/config-schema";
import { KindIcon } from "@/domain/widgets/kinds/kind-icon";
import { useWidgetTypes } from "@/lib/api/catalog";
import type { WidgetType } from "@/lib/api/model";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import classes from "./widgets.module.css";

const categories: { category: WidgetType["category"]; title: string }[] = [
  { category: "data", title: t`Data` },
  { category: "charts", title: t`Charts` },
  { category: "content", title: t`Content` },
  { category: "actions", title: t`Actions` },
  { category: "inputs", title: t`Inputs` },
];

/** Lists the types of widgets. */
export function WidgetGallery() {
  const link = useTenantLink();
  const { search } = useLocation();
  const types = useWidgetTypes();
  // A query was chosen to show its data.
  const showsData = new URLSearchParams(search).has("query");
  const offered = types.data?.filter((type) => !showsData || needsQuery(type));
  return (
    <>
      <PageHeader title={t`New widget`} breadcrumb={[{ label: t`Widgets`, to: link("widgets") }]} />
      <Stack className={classes.gallery} gap="lg">
        {types.error && <ErrorPanel error={types.error} onRetry={() => void types.refetch()} />}
        {!types.data && !types.error && (
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
            {Array.from({ length: 6 }, (_, index) => (
              <Skeleton key={index} h={66} />
            ))}
          </SimpleGrid>
        )}
        {categories.map(({ category, title }) => {
          const members = offered?.filter((type) => type.category === category) ?? [];
          return (
            members.length > 0 && (
              <Shelf
                key={category}
                title={title}
                types={members}
                to={(type) => link("widgets", "new", type) + search}
              />
            )
          );
        })}
      </Stack>
    </>
  );
}

function Shelf({ title, types, to }: { title: string; types: WidgetType[]; to: (type: string) => string }) {
  return (
    <section aria-label={title}>
      <Title order={2} size="h3" mb="sm">
        {title}
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
        {types.map(({ type, name, description }) => (
          <Link key={type} className={classes.tile} to={to(type)}>
            <KindIcon type={type} size={20} />
            <span>
              <Text fw={500}>{name}</Text>
              <Text size="sm" c="dimmed">
                {description}
              </Text>
            </span>
          </Link>
        ))}
      </SimpleGrid>
    </section>
  );
}
