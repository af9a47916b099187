import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, SegmentedControl, Skeleton, Text, Title } from "@mantine/core";
import { IconRestore, IconSitemap } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { useCan } from "@/lib/api/me";
import type { Base, Version } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { useVersion } from "@/lib/api/subjects/versions";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { Time } from "@/ui/text/time";
import { compareContents, withGroups } from "../compare/compare";
import { ComparisonView } from "../compare/comparison";
import { contentOf, contentOfVersion, type HistoryKind } from "../compare/content";
import { useLabels, withLinked } from "../compare/use-labels";
import { useMemberNames } from "./author";
import classes from "./history.module.css";
import { LeftOut } from "./left-out";
import { useRestoreVersion } from "./restore";
import { useParts } from "./use-parts";

type Against = "before" | "current";

const againstLabels: Record<Against, string> = {
  before: t`Changes in this version`,
  current: t`Changes since this version`,
};

interface VersionDetailsProps {
  kind: HistoryKind;
  id: string;
  entry: Version;
  /** The number of the version before it, if that is still kept. */
  before: number | undefined;
  newest: number;
  onClose: () => void;
}

/** One version, compared with the one before it or with the current one, and restored. */
export function VersionDetails({ kind, id, entry, before, newest, onClose }: VersionDetailsProps) {
  const can = useCan();
  const link = useTenantLink();
  const { version } = entry;
  const isCurrent = version === newest;
  const [chosen, setAgainst] = useState<Against>("before");
  const against: Against = isCurrent ? "before" : before === undefined ? "current" : chosen;
  const past = useVersion(kind, id, version);
  const current = useOne(kind, id).data as (Base & object) | undefined;
  const { restore, restoring, lost, keepPresent } = useRestoreVersion(kind, id);
  const run = async (leaveOut = false) => {
    if (past.data && current && (await restore(current as never, past.data, leaveOut))) onClose();
  };
  return (
    <section className={classes.details} aria-label={t`Version ${version}`} tabIndex={0}>
      <Group justify="space-between" align="flex-start">
        <Title order={2} size="h4">
          <Trans>Version {version}</Trans>
        </Title>
        <Group gap="xs">
          {kind === "workflow" && (
            <Button
              component={Link}
              to={link("workflows", id, "versions", String(version))}
              variant="default"
              size="xs"
              leftSection={<IconSitemap size={14} />}
            >
              <Trans>Show graph</Trans>
            </Button>
          )}
          {!isCurrent && can(`${kind}:update`) && (
            <Button
              size="xs"
              leftSection={<IconRestore size={14} />}
              loading={restoring}
              disabled={!past.data || !current}
              onClick={() => void run()}
            >
              <Trans>Restore this version</Trans>
            </Button>
          )}
        </Group>
      </Group>
      {!isCurrent && before !== undefined ? (
        <SegmentedControl
          size="xs"
          aria-label={t`Compare`}
          value={against}
          onChange={(value) => setAgainst(value as Against)}
          data={[
            { value: "before", label: againstLabels.before },
            { value: "current", label: againstLabels.current },
          ]}
        />
      ) : (
        <Text size="sm" c="dimmed">
          {againstLabels[against]}
        </Text>
      )}
      <SavedBy by={entry.by} at={entry.at} />
      <Changes kind={kind} id={id} version={version} before={before} newest={newest} against={against} />
      {lost && (
        <LeftOut version={version} lost={lost} onClose={keepPresent} onConfirm={() => void run(true)} />
      )}
    </section>
  );
}

/** Who saved it and when; a member with their address, because people on a phone cannot hover. */
function SavedBy({ by, at }: Pick<Version, "by" | "at">) {
  const name = useMemberNames()(by);
  return (
    <Text size="xs" c="dimmed">
      <Time value={at} absolute /> · {name === null ? by : t`${name} (${by})`}
    </Text>
  );
}

type ChangesProps = Pick<VersionDetailsProps, "kind" | "id" | "before" | "newest"> & {
  version: number;
  against: Against;
};

function Changes({ kind, id, version, before, newest, against }: ChangesProps) {
  const labels = useLabels(kind, id);
  const past = useVersion(kind, id, version);
  const earlier = useVersion(kind, id, against === "before" ? before : undefined);
  const current = useOne(kind, id, { enabled: against === "current" });
  const latest = useVersion(kind, id, against === "current" ? newest : undefined);
  const [then, now] = against === "current" ? [past.data, latest.data] : [earlier.data, past.data];
  const parts = useParts(then, now, labels);
  const error = past.error ?? earlier.error ?? current.error;
  const comparison = useMemo(() => {
    if (!past.data) return null;
    const content = contentOfVersion(kind, past.data);
    const names = withLinked(labels, past.data, earlier.data);
    if (against === "current")
      return current.data ? compareContents(kind, content, contentOf(kind, current.data), names) : null;
    return earlier.data ? compareContents(kind, contentOfVersion(kind, earlier.data), content, names) : null;
  }, [kind, past.data, earlier.data, current.data, against, labels]);
  if (error)
    return <ErrorPanel error={error} onRetry={() => void Promise.all([past.refetch(), earlier.refetch()])} />;
  if (against === "before" && before === undefined)
    return (
      <Text size="sm" c="dimmed">
        {version === 1
          ? t`The record was created with this version.`
          : t`Earlier versions are no longer kept, so there is nothing to compare with.`}
      </Text>
    );
  if (!comparison || !parts) return <Skeleton h={160} />;
  return (
    <ComparisonView
      comparison={withGroups(comparison, parts)}
      same={
        against === "current"
          ? t`This version and the current one have the same content.`
          : kind === "datasource" || kind === "variable"
            ? t`No visible changes. The values of secrets are never shown.`
            : t`No visible changes.`
      }
    />
  );
}
