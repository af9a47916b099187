import { IconSitemap } from "@tabler/icons-react";
import { useTenantLink } from "@/lib/tenant";
import { PageHeader } from "@/ui/page-header";
import { ResourceList } from "@/ui/resource-list";
import { Time } from "@/ui/time";

export function WorkflowList() {
  const link = useTenantLink();
  return (
    <>
      <PageHeader title="Workflows" />
      <ResourceList
        kind="workflow"
        noun={["workflow", "workflows"]}
        to={({ id }) => link("workflows", id)}
        columns={[
          { label: "Name", sortBy: "name", render: ({ name }) => name },
          { label: "Changed", sortBy: "updatedAt", secondary: true, render: ({ updatedAt }) => <Time value={updatedAt} /> },
        ]}
        empty={{ icon: IconSitemap, title: "No workflows yet", text: "A workflow runs steps one after another: queries, scripts, decisions, waits." }}
      />
    </>
  );
}
