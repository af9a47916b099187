import { t } from "@lingui/core/macro";
import { IconBooks } from "@tabler/icons-react";
import { usePatch } from "@/lib/api/resources";
import { notify } from "@/ui/feedback/notify";
import { useCanFor } from "../on-dashboard";
import type { RecordAction } from "./action-menu";

interface OnDashboard {
  id: string;
  name: string;
  version: number;
  dashboardID?: string | null;
}

/** The action that moves a widget or a query of a dashboard to the library, where all dashboards can use it. */
export function useMoveToLibrary(kind: "widget" | "dataquery"): (record: OnDashboard) => RecordAction[] {
  const canFor = useCanFor(kind);
  const patch = usePatch(kind);
  return ({ id, name, version, dashboardID }) =>
    dashboardID && [`${kind}:update`, "dashboard:update"].every(canFor({ dashboardID }))
      ? [
          {
            label: t`Move to library`,
            icon: <IconBooks size={16} />,
            onClick: () =>
              patch.mutate(
                { id, version, patch: { dashboardID: null } },
                {
                  onSuccess: () => notify.done(t`${name} is in the library.`),
                  onError: (error) => notify.failed(error, t`Could not move ${name} to the library`),
                },
              ),
          },
        ]
      : [];
}
