import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Drawer, Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import type { Version } from "@/lib/api/model";
import { useVersion, useVersions } from "@/lib/api/subjects/versions";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { Time } from "@/ui/text/time";
import { contentOfVersion, type HistoryKind } from "../compare/content";
import { changeSentences } from "../compare/sentences";
import { useLabels, withLinked } from "../compare/use-labels";
import { Author } from "./author";
import classes from "./history.module.css";
import { useParts } from "./use-parts";
import { VersionDetails } from "./version-details";

interface HistoryProps {
  kind: HistoryKind;
  id: string;
  name: string;
  /** The version to show first; the current one if absent, or if it is no longer kept. */
  version?: number;
  onClose: () => void;
}

/** The saved versions of a record: who changed what and when, in words and side by side. Open while mounted. */
export function History({ kind, id, name, version, onClose }: HistoryProps) {
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(1000px, 100vw)"
      title={t`History of ${name}`}
      closeButtonProps={{ "aria-label": t`Close` }}
      classNames={{ content: classes.content ?? "", body: classes.body ?? "" }}
    >
      <Versions kind={kind} id={id} {...(version === undefined ? {} : { version })} onClose={onClose} />
    </Drawer>
  );
}

/** How many versions are described at first, and added on demand: the content of each is loaded. */
const SHOWN = 15;

function Versions({ kind, id, version: first = 0, onClose }: Omit<HistoryProps, "name">) {
  const { data, error, refetch } = useVersions(kind, id);
  const [chosen, setChosen] = useState(first);
  const [shown, setShown] = useState(SHOWN);
  if (error && !data) return <ErrorPanel page error={error} onRetry={() => void refetch()} />;
  if (!data)
    return (
      <Stack gap="sm" p="md" aria-busy>
        <Skeleton h={52} />
        <Skeleton h={52} />
        <Skeleton h={52} />
      </Stack>
    );
  const versions = data.items;
  const [newest] = versions;
  const selected = versions.find(({ version }) => version === chosen) ?? newest;
  const listed = Math.max(shown, selected ? versions.indexOf(selected) + 1 : 0);
  const before = (version: Version) => versions[versions.indexOf(version) + 1]?.version;
  const rest = versions.length - listed;
  return (
    <div className={classes.panes}>
      <div className={classes.list}>
        <ol aria-label={t`Versions`}>
          {versions.slice(0, listed).map((version) => (
            <li key={version.version}>
              <Entry
                kind={kind}
                id={id}
                entry={version}
                before={before(version)}
                current={version === newest}
                selected={version === selected}
                onSelect={() => setChosen(version.version)}
              />
            </li>
          ))}
        </ol>
        {rest > 0 && (
          <Button variant="subtle" size="xs" m="xs" onClick={() => setShown(listed + SHOWN)}>
            {plural(rest, { one: "Show # earlier version", other: "Show # earlier versions" })}
          </Button>
        )}
      </div>
      {selected && newest && (
        <VersionDetails
          key={selected.version}
          kind={kind}
          id={id}
          entry={selected}
          before={before(selected)}
          newest={newest.version}
          onClose={onClose}
        />
      )}
    </div>
  );
}

interface EntryProps {
  kind: HistoryKind;
  id: string;
  entry: Version;
  /** The number of the version before it, if that is still kept. */
  before: number | undefined;
  current: boolean;
  selected: boolean;
  onSelect: () => void;
}

function Entry({ kind, id, entry, before, current, selected, onSelect }: EntryProps) {
  const { version, at, by } = entry;
  return (
    <UnstyledButton className={classes.entry} aria-pressed={selected} onClick={onSelect}>
      <span className={classes.who}>
        <b>v{version}</b>{" "}
        {by && (
          <Trans>
            by <Author by={by} />
          </Trans>
        )}
        {current && (
          <Text span size="xs" c="dimmed">
            {" "}
            · <Trans>current</Trans>
          </Text>
        )}
      </span>
      <Text span size="xs" c="dimmed">
        <Time value={at} />
      </Text>
      <What kind={kind} id={id} version={version} before={before} />
    </UnstyledButton>
  );
}

/** What changed in a version, in words. */
function What({
  kind,
  id,
  version,
  before,
}: Pick<EntryProps, "kind" | "id" | "before"> & { version: number }) {
  const labels = useLabels(kind, id);
  const now = useVersion(kind, id, version);
  const then = useVersion(kind, id, before);
  const parts = useParts(then.data, now.data, labels);
  if (version === 1)
    return (
      <span>
        <Trans>Created</Trans>
      </span>
    );
  if (before === undefined)
    return (
      <span>
        <Trans>The oldest version that is kept</Trans>
      </span>
    );
  if (now.error ?? then.error) return null;
  if (!now.data || !then.data || !parts) return <Skeleton component="span" h={12} mt={4} w="80%" />;
  const sentences = changeSentences(
    kind,
    contentOfVersion(kind, then.data),
    contentOfVersion(kind, now.data),
    withLinked(labels, then.data, now.data),
    parts,
  );
  return sentences.map((sentence) => (
    <span key={sentence} className={classes.sentence}>
      {sentence}
    </span>
  ));
}
