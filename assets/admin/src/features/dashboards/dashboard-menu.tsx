import { t } from "@lingui/core/macro";
import { IconLink, IconPrinter } from "@tabler/icons-react";
import { useNavigate } from "react-router";
import { RecordMenu } from "@/domain/records/menu/record-menu";
import type { Dashboard } from "@/lib/api/model";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";

const copyLink = () =>
  navigator.clipboard.writeText(window.location.href).then(
    () => notify.done(t`Link with these variables copied`),
    (error: unknown) => notify.failed(error),
  );

export function DashboardMenu({ dashboard }: { dashboard: Dashboard }) {
  const link = useTenantLink();
  const navigate = useNavigate();
  return (
    <RecordMenu
      kind="dashboard"
      record={dashboard}
      own={[
        { label: t`Copy link`, icon: <IconLink size={16} />, onClick: () => void copyLink() },
        { label: t`Print or save as PDF`, icon: <IconPrinter size={16} />, onClick: () => window.print() },
      ]}
      onCloned={(id) => void navigate(link("dashboards", id, "edit"))}
    />
  );
}
