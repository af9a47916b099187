import { plural } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { IconWorld } from "@tabler/icons-react";
import { useShares } from "@/lib/api/subjects/shares";
import { now } from "@/lib/format/dates/clock";
import { MarkBadge } from "@/ui/facts/mark-badge";

/** Marks a dashboard that people without an account can see. */
export function SharedMark({ dashboardID }: { dashboardID: string }) {
  const { data = [] } = useShares(dashboardID).list;
  return (
    <SharedBadge count={data.filter(({ expiresAt }) => !expiresAt || Date.parse(expiresAt) > now()).length} />
  );
}

/** The mark of a dashboard with that many working share links. */
export function SharedBadge({ count: active }: { count: number }) {
  if (active === 0) return null;
  return (
    <MarkBadge
      icon={IconWorld}
      label={plural(active, {
        one: "Anyone with the share link can see this dashboard.",
        other: "Anyone with one of the # share links can see this dashboard.",
      })}
    >
      <Trans>Shared</Trans>
    </MarkBadge>
  );
}
