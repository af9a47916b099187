import { SimpleGrid, Skeleton, Stack, Text } from "@mantine/core";
import { Link, useLocation } from "react-router";
import { useWidgetTypes } from "@/lib/api/catalog";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/error-panel";
import { PageHeader } from "@/ui/page-header";
import { KindIcon } from "@/ui/widget-kinds/kind-icon";
import classes from "./widgets.module.css";

/** The kinds of widget there are. */
export function WidgetGallery() {
  const link = useTenantLink();
  const { search } = useLocation();
  const types = useWidgetTypes();
  return (
    <>
      <PageHeader title="New widget" breadcrumb={[{ label: "Widgets", to: link("widgets") }]} />
      <Stack className={classes.gallery} gap="lg">
        {types.error && <ErrorPanel error={types.error} onRetry={() => void types.refetch()} />}
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
          {!types.data && !types.error && Array.from({ length: 6 }, (_, index) => <Skeleton key={index} h={66} />)}
          {types.data?.map(({ type, name, description }) => (
            <Link key={type} className={classes.tile} to={link("widgets", "new", type) + search}>
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
      </Stack>
    </>
  );
}
