import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Menu } from "@mantine/core";
import { IconDownload, IconHistory } from "@tabler/icons-react";
import { useSearchParams } from "react-router";
import { ResourceList, type ListColumn } from "@/domain/records/resource-list";
import { url, withQuery } from "@/lib/api/client";
import type { AuditEntry } from "@/lib/api/model";
import type { ListParams } from "@/lib/api/resources";
import { download } from "@/lib/http/download";
import { useTenantID } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { CopyButton } from "@/ui/text/copy-button";
import { Time } from "@/ui/text/time";
import { ActionCell, TargetCell } from "./entry-cells";
import classes from "./audit-logs.module.css";
import { AuditFilters, filtersOf } from "./filters";

const columns: ListColumn<AuditEntry>[] = [
  { label: t`Time`, width: "11%", render: ({ at }) => <Time value={at} /> },
  { label: t`Actor`, render: ({ actor }) => <span className={classes.actor}>{actor.label}</span> },
  { label: t`Action`, render: (entry) => <ActionCell entry={entry} /> },
  { label: t`Target`, render: (entry) => <TargetCell entry={entry} /> },
  { label: t`IP address`, secondary: true, render: ({ ip }) => ip ?? "–" },
  {
    label: t`Request ID`,
    secondary: true,
    width: 80,
    render: ({ requestId }) =>
      requestId && <CopyButton value={requestId} label={t`Copy request ID ${requestId}`} />,
  },
];

export function AuditLog() {
  const [search] = useSearchParams();
  const params = filtersOf(search);
  return (
    <>
      <PageHeader title={t`Audit log`} actions={<ExportMenu params={params} />} />
      <ResourceList
        kind="audit"
        noun={[t`entry`, t`entries`]}
        searchable={false}
        defaultSort=""
        params={params}
        filters={<AuditFilters />}
        columns={columns}
        empty={{
          icon: IconHistory,
          title: t`No entries yet`,
          text: t`Changes in this tenant appear here: who changed which record, when and from which IP address.`,
        }}
      />
    </>
  );
}

function ExportMenu({ params }: { params: ReturnType<typeof filtersOf> }) {
  const tenantID = useTenantID();
  const save = (format: "csv" | "ndjson") => {
    const query: ListParams = { ...params, format };
    void download(
      withQuery(url("/api/v1/tenants/{tenantID}/audit-logs", { tenantID }), query),
      `audit-log.${format}`,
    ).catch((error: unknown) => notify.failed(error, t`Export failed`));
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />}>
          <Trans>Export</Trans>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => save("csv")}>
          <Trans>As CSV</Trans>
        </Menu.Item>
        <Menu.Item onClick={() => save("ndjson")}>
          <Trans>As JSON Lines</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
