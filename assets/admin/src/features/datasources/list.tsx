import { IconDatabase } from "@tabler/icons-react";
import { useTenantLink } from "@/lib/tenant";
import { PageHeader } from "@/ui/page-header";
import { ResourceList } from "@/ui/resource-list";
import { Time } from "@/ui/time";

export function DatasourceList() {
  const link = useTenantLink();
  return (
    <>
      <PageHeader title="Datasources" />
      <ResourceList
        kind="datasource"
        noun={["datasource", "datasources"]}
        to={({ id }) => link("datasources", id)}
        columns={[
          { label: "Name", sortBy: "name", render: ({ name }) => name },
          { label: "Changed", sortBy: "updatedAt", secondary: true, render: ({ updatedAt }) => <Time value={updatedAt} /> },
        ]}
        empty={{ icon: IconDatabase, title: "No datasources yet", text: "A datasource is a connection to a database or a service that queries read from and write to." }}
      />
    </>
  );
}
