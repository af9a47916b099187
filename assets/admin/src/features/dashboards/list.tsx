import { IconLayoutDashboard } from "@tabler/icons-react";
import { useTenantLink } from "@/lib/tenant";
import { PageHeader } from "@/ui/page-header";
import { ResourceList } from "@/ui/resource-list";
import { Time } from "@/ui/time";

export function DashboardList() {
  const link = useTenantLink();
  return (
    <>
      <PageHeader title="Dashboards" />
      <ResourceList
        kind="dashboard"
        noun={["dashboard", "dashboards"]}
        to={({ id }) => link("dashboards", id)}
        columns={[
          { label: "Name", sortBy: "name", render: ({ name }) => name },
          { label: "Changed", sortBy: "updatedAt", secondary: true, render: ({ updatedAt }) => <Time value={updatedAt} /> },
        ]}
        empty={{ icon: IconLayoutDashboard, title: "No dashboards yet", text: "A dashboard lays widgets out on one page, with variables and live data." }}
      />
    </>
  );
}
