import { IconFileSearch } from "@tabler/icons-react";
import { useTenantLink } from "@/lib/tenant";
import { PageHeader } from "@/ui/page-header";
import { ResourceList } from "@/ui/resource-list";
import { Time } from "@/ui/time";

export function QueryList() {
  const link = useTenantLink();
  return (
    <>
      <PageHeader title="Queries" />
      <ResourceList
        kind="dataquery"
        noun={["query", "queries"]}
        to={({ id }) => link("data-queries", id)}
        columns={[
          { label: "Name", sortBy: "name", render: ({ name }) => name },
          { label: "Changed", sortBy: "updatedAt", secondary: true, render: ({ updatedAt }) => <Time value={updatedAt} /> },
        ]}
        empty={{ icon: IconFileSearch, title: "No queries yet", text: "A query asks a datasource for data, with typed parameters, and feeds widgets and workflows." }}
      />
    </>
  );
}
