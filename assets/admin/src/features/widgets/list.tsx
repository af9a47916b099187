import { IconChartBar } from "@tabler/icons-react";
import { useTenantLink } from "@/lib/tenant";
import { PageHeader } from "@/ui/page-header";
import { ResourceList } from "@/ui/resource-list";
import { Time } from "@/ui/time";

export function WidgetList() {
  const link = useTenantLink();
  return (
    <>
      <PageHeader title="Widgets" />
      <ResourceList
        kind="widget"
        noun={["widget", "widgets"]}
        to={({ id }) => link("widgets", id)}
        columns={[
          { label: "Name", sortBy: "name", render: ({ name }) => name },
          { label: "Changed", sortBy: "updatedAt", secondary: true, render: ({ updatedAt }) => <Time value={updatedAt} /> },
        ]}
        empty={{ icon: IconChartBar, title: "No widgets yet", text: "A widget draws the data of a query: as a table, a number, a chart." }}
      />
    </>
  );
}
