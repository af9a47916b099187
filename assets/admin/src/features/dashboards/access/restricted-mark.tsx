import { plural, t } from "@lingui/core/macro";
import { IconLock } from "@tabler/icons-react";
import type { RestrictedDashboard } from "@/lib/api/model";
import { useRestrictedDashboards } from "@/lib/api/subjects/access";
import { listFormat } from "@/lib/format/intl";
import { serverText } from "@/lib/i18n";
import { MarkBadge } from "@/ui/facts/mark-badge";

/** The most roles that a mark names. */
const NAMED = 2;

/** Says in a few words who may open a dashboard, besides those who may open every one. */
function summaryOf({ roles, members }: RestrictedDashboard): string {
  const named = roles.filter(Boolean).map((role) => serverText(role));
  const others = roles.length - Math.min(named.length, NAMED);
  const holders = [
    ...named.slice(0, NAMED),
    ...(others > 0 ? [plural(others, { one: "# more role", other: "# more roles" })] : []),
    ...(members > 0 ? [plural(members, { one: "# member", other: "# members" })] : []),
  ];
  return holders.length > 0
    ? t`Only ${listFormat({ type: "conjunction" }).format(holders)}`
    : t`Only administrators`;
}

/** Marks a dashboard that not everyone may open. */
export function RestrictedMark({ dashboardID }: { dashboardID: string }) {
  const restricted = useRestrictedDashboards({ enabled: true }).data?.get(dashboardID);
  if (!restricted) return null;
  return (
    <MarkBadge icon={IconLock} label={t`Members who may edit roles can always open this dashboard.`}>
      {summaryOf(restricted)}
    </MarkBadge>
  );
}
