import { Trans } from "@lingui/react/macro";
import { Button, type ButtonProps } from "@mantine/core";
import { IconTablePlus } from "@tabler/icons-react";
import { Link } from "react-router";
import { useCan } from "@/lib/api/me";
import { useTenantLink } from "@/lib/tenant";

const needed = [
  "datasource:read",
  "dataquery:create",
  "dataquery:execute",
  "widget:create",
  "widget:read",
  "dashboard:create",
];

/** Whether the caller may create apps from tables. */
export function useMayCreateApp(): boolean {
  const can = useCan();
  return needed.every(can);
}

/** Returns the path of the page that creates an app, for a table if one is given. */
export function useAppLink(): (table?: {
  datasourceID: string;
  table?: string;
  schema?: string | null;
}) => string {
  const link = useTenantLink();
  return (given) => {
    const search = new URLSearchParams();
    if (given) search.set("datasource", given.datasourceID);
    if (given?.table) search.set("table", given.table);
    if (given?.schema) search.set("schema", given.schema);
    const text = search.toString();
    return link("dashboards", "from-table") + (text && `?${text}`);
  };
}

/** The button to the page that creates an app from a table. */
export function AppFromTable({ datasourceID, ...button }: ButtonProps & { datasourceID?: string }) {
  const may = useMayCreateApp();
  const appLink = useAppLink();
  if (!may) return null;
  return (
    <Button
      {...button}
      component={Link}
      to={appLink(datasourceID ? { datasourceID } : undefined)}
      leftSection={<IconTablePlus size={16} />}
    >
      <Trans>App from a table</Trans>
    </Button>
  );
}
