import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import {
  IconBooks,
  IconCopy,
  IconPlayerPause,
  IconPlayerPlay,
  IconTag,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { useCan } from "@/lib/api/me";
import type { Deletable, Kind } from "@/lib/api/resources";
import { hasTags } from "../tags/tags";
import { TagsDialog } from "../tags/tags-dialog";
import { BulkDialog, type BulkAct, type Named } from "./bulk-dialog";
import classes from "./list.module.css";

/** The kinds whose records can be selected in their list. */
const selectable: ReadonlySet<Kind> = new Set([
  "datasource",
  "file",
  "dataquery",
  "widget",
  "dashboard",
  "workflow",
  "variable",
]);

/** What the caller may do with several records of a kind. */
export function useBulkActs(kind: Kind): BulkAct[] {
  const can = useCan();
  if (!selectable.has(kind)) return [];
  const mayMove = (kind === "widget" || kind === "dataquery") && can(`${kind}:update`);
  return [
    ...(mayMove && can("dashboard:update") ? (["move"] as const) : []),
    ...(kind === "workflow" && can("workflow:update") ? (["enable", "disable"] as const) : []),
    ...(kind !== "file" && kind !== "variable" && can(`${kind}:clone`) ? (["clone"] as const) : []),
    ...(can(`${kind}:delete`) ? (["delete"] as const) : []),
  ];
}

interface SelectionBarProps {
  kind: Kind;
  noun: [one: string, many: string];
  acts: readonly BulkAct[];
  records: readonly Named[];
  onSelect: (ids: ReadonlySet<string>) => void;
}

/** The actions on the selected records. */
export function SelectionBar({ kind, noun, acts, records, onSelect }: SelectionBarProps) {
  const [isTagging, setTagging] = useState(false);
  const mayTag = useCan()(`${kind}:update`);
  const [asked, setAsked] = useState<{ act: BulkAct; records: SelectionBarProps["records"] } | null>(null);
  const ask = (act: BulkAct) => setAsked({ act, records });
  // The others are in the library already.
  const onDashboards = records.filter(({ dashboardID }) => Boolean(dashboardID));
  if (records.length === 0 && !asked) return null;
  return (
    <>
      <Group className={classes.bar} gap="sm" role="group" aria-label={t`Selection`}>
        <Text size="sm" fw={500} role="status" className="tabular">
          {t`${records.length} selected`}
        </Text>
        {acts.includes("move") && onDashboards.length > 0 && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconBooks size={14} />}
            onClick={() => setAsked({ act: "move", records: onDashboards })}
          >
            <Trans>Move to library</Trans>
          </Button>
        )}
        {acts.includes("enable") && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerPlay size={14} />}
            onClick={() => ask("enable")}
          >
            <Trans>Enable</Trans>
          </Button>
        )}
        {acts.includes("disable") && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerPause size={14} />}
            onClick={() => ask("disable")}
          >
            <Trans>Disable</Trans>
          </Button>
        )}
        {hasTags(kind) && mayTag && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconTag size={14} />}
            onClick={() => setTagging(true)}
          >
            <Trans>Tags</Trans>
          </Button>
        )}
        {acts.includes("clone") && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconCopy size={14} />}
            onClick={() => ask("clone")}
          >
            <Trans>Clone</Trans>
          </Button>
        )}
        {acts.includes("delete") && (
          <Button
            size="xs"
            variant="default"
            color="red"
            leftSection={<IconTrash size={14} />}
            onClick={() => ask("delete")}
          >
            <Trans>Delete</Trans>
          </Button>
        )}
        <Button size="xs" variant="subtle" color="gray" onClick={() => onSelect(new Set())}>
          <Trans>Clear selection</Trans>
        </Button>
      </Group>
      {isTagging && hasTags(kind) && (
        <TagsDialog kind={kind} records={records} onClose={() => setTagging(false)} />
      )}
      {asked && (
        <BulkDialog
          act={asked.act}
          kind={kind as Deletable}
          noun={noun}
          records={asked.records}
          onClose={(done) => {
            setAsked(null);
            onSelect(new Set(records.map(({ id }) => id).filter((id) => !done.includes(id))));
          }}
        />
      )}
    </>
  );
}
