import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import {
  IconFileExport,
  IconFileImport,
  IconLayoutDashboard,
  IconLock,
  IconPencil,
  IconShare,
} from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useNavigate } from "react-router";
import { useCanFor } from "@/domain/records/on-dashboard";
import { NameDialog } from "@/domain/records/name-dialog";
import { AppFromTable } from "@/domain/table-app/app-from-table";
import type { RecordAction } from "@/domain/records/menu/action-menu";
import { RecordListPage } from "@/domain/records/page/record-list-page";
import type { ListColumn } from "@/domain/records/resource-list";
import { useExport } from "@/domain/records/transfer/use-export";
import { useCan } from "@/lib/api/me";
import type { Dashboard } from "@/lib/api/model";
import { useCreate } from "@/lib/api/resources";
import { useSharedDashboards } from "@/lib/api/subjects/shares";
import { useNewDialog } from "@/lib/new-dialog";
import { useTenantLink } from "@/lib/tenant";
import { Time } from "@/ui/text/time";
import { RestrictedMark } from "./access/restricted-mark";
import { ShareDialog } from "./share/share-dialog";
import { SharedBadge } from "./share/shared-mark";
import { shareTabs, type ShareTab } from "./share/share-tabs";

const ImportDialog = lazy(async () => ({
  default: (await import("@/domain/records/transfer/import-dialog")).ImportDialog,
}));

const columnsWith = (shared: ReadonlyMap<string, number> | undefined): ListColumn<Dashboard>[] => [
  {
    label: t`Name`,
    sortBy: "name",
    render: ({ name }) => name,
    beside: ({ id }) => (
      <>
        <RestrictedMark dashboardID={id} />
        <SharedBadge count={shared?.get(id) ?? 0} />
      </>
    ),
  },
  { label: t`Description`, secondary: true, render: ({ description }) => description },
  { label: t`Widgets`, align: "right", secondary: true, render: ({ items }) => items.length },
  {
    label: t`Updated`,
    sortBy: "updatedAt",
    secondary: true,
    render: ({ updatedAt }) => <Time value={updatedAt} />,
  },
];

const shareLooks: Record<ShareTab, Pick<RecordAction, "label" | "icon">> = {
  link: { label: t`Share`, icon: <IconShare size={16} /> },
  access: { label: t`Access`, icon: <IconLock size={16} /> },
};

export function DashboardList() {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const create = useCreate("dashboard");
  const shared = useSharedDashboards({ enabled: can("dashboard:share") }).data;
  const naming = useNewDialog("dashboards");
  const save = useExport("dashboard");
  const [isImporting, setImporting] = useState(false);
  const canFor = useCanFor("dashboard");
  const [given, setGiven] = useState<{ dashboard: Dashboard; first: ShareTab } | null>(null);
  return (
    <RecordListPage
      kind="dashboard"
      columns={columnsWith(shared)}
      create={{ label: t`New dashboard`, onClick: naming.open }}
      secondary={
        <>
          {can("dashboard:create") && (
            <Button
              variant="default"
              leftSection={<IconFileImport size={16} />}
              onClick={() => setImporting(true)}
            >
              <Trans>Import</Trans>
            </Button>
          )}
          <AppFromTable variant="default" />
        </>
      }
      empty={{
        icon: IconLayoutDashboard,
        title: t`No dashboards yet`,
        text: t`A dashboard shows widgets on one page, with filters and live data.`,
      }}
      own={(dashboard) => [
        ...(canFor(dashboard)("dashboard:update")
          ? [
              {
                label: t`Edit`,
                icon: <IconPencil size={16} />,
                to: link("dashboards", dashboard.id, "edit"),
              },
            ]
          : []),
        ...shareTabs(canFor(dashboard)).map((first) => ({
          ...shareLooks[first],
          onClick: () => setGiven({ dashboard, first }),
        })),
        ...(save
          ? [{ label: t`Export`, icon: <IconFileExport size={16} />, onClick: () => save(dashboard) }]
          : []),
      ]}
      onCloned={(id) => void navigate(link("dashboards", id, "edit"))}
    >
      {isImporting && (
        <Suspense>
          <ImportDialog kind="dashboard" onClose={() => setImporting(false)} />
        </Suspense>
      )}
      {given && (
        <ShareDialog {...given} tabs={shareTabs(canFor(given.dashboard))} onClose={() => setGiven(null)} />
      )}
      <NameDialog
        opened={naming.opened}
        title={t`New dashboard`}
        verb={t`Create`}
        onClose={naming.close}
        onDone={async (named) => {
          const { id } = await create.mutateAsync({
            ...named,
            tabs: [],
            items: [],
            layouts: {},
            variables: [],
            refreshSeconds: 0,
          });
          void navigate(link("dashboards", id, "edit"), { replace: true });
        }}
      />
    </RecordListPage>
  );
}
