import { t } from "@lingui/core/macro";
import { IconFileExport, IconHome, IconLink, IconLock, IconPrinter } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { RecordMenu } from "@/domain/records/menu/record-menu";
import { useExport } from "@/domain/records/transfer/use-export";
import { useCan } from "@/lib/api/me";
import type { Dashboard } from "@/lib/api/model";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { ShareDialog } from "./share/share-dialog";
import { shareTabs } from "./share/share-tabs";
import { StartPageDialog } from "./start-page-dialog";

const copyLink = () =>
  navigator.clipboard.writeText(window.location.href).then(
    () => notify.done(t`Link with these filters copied`),
    (error: unknown) => notify.failed(error),
  );

export function DashboardMenu({ dashboard }: { dashboard: Dashboard }) {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const save = useExport("dashboard");
  const [isStarting, setStarting] = useState(false);
  const [isGuarding, setGuarding] = useState(false);
  const mayStart = can("role:list") && can("role:update");
  return (
    <>
      <RecordMenu
        kind="dashboard"
        record={dashboard}
        own={[
          { label: t`Copy link`, icon: <IconLink size={16} />, onClick: () => void copyLink() },
          { label: t`Print or save as PDF`, icon: <IconPrinter size={16} />, onClick: () => window.print() },
          ...(save
            ? [{ label: t`Export`, icon: <IconFileExport size={16} />, onClick: () => save(dashboard) }]
            : []),
          ...(can("dashboard:update")
            ? [{ label: t`Access`, icon: <IconLock size={16} />, onClick: () => setGuarding(true) }]
            : []),
          ...(mayStart
            ? [{ label: t`Start page of…`, icon: <IconHome size={16} />, onClick: () => setStarting(true) }]
            : []),
        ]}
        onCloned={(id) => void navigate(link("dashboards", id, "edit"))}
      />
      {isGuarding && (
        <ShareDialog
          dashboard={dashboard}
          tabs={shareTabs(can)}
          first="access"
          onClose={() => setGuarding(false)}
        />
      )}
      {isStarting && <StartPageDialog dashboard={dashboard} onClose={() => setStarting(false)} />}
    </>
  );
}
