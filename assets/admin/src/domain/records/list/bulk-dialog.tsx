import { t } from "@lingui/core/macro";
import { Button, Checkbox, Group, Loader, Modal, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { learnChange, tellChange } from "@/lib/api/changes";
import { cloneOne, deleteOne, patchOne, type Clonable, type Deletable } from "@/lib/api/resources";
import { useTenantID } from "@/lib/tenant";
import { Users } from "../deletion/used-by";
import { isRecordKind } from "../record-kinds";
import { oneByOne, type Outcome } from "./bulk";
import classes from "./list.module.css";

export type BulkAct = "delete" | "clone" | "move" | "enable" | "disable";

/** A record that can be selected. */
export interface Named {
  id: string;
  name: string;
  version?: number;
  /** The dashboard that it belongs to; null or absent if it is in the library, or cannot belong to any. */
  dashboardID?: string | null;
}

/** What an act is called. */
const textsOf = (act: BulkAct, count: string) =>
  ({
    delete: { title: t`Delete ${count}?`, verb: t`Delete` },
    clone: { title: t`Clone ${count}?`, verb: t`Clone` },
    move: { title: t`Move ${count} to the library?`, verb: t`Move to library` },
    enable: { title: t`Enable ${count}?`, verb: t`Enable` },
    disable: { title: t`Disable ${count}?`, verb: t`Disable` },
  })[act];

const resultOf = (act: BulkAct, done: number, all: number) =>
  ({
    delete: t`${done} of ${all} deleted.`,
    clone: t`${done} of ${all} cloned.`,
    move: t`${done} of ${all} moved to the library.`,
    enable: t`${done} of ${all} enabled.`,
    disable: t`${done} of ${all} disabled.`,
  })[act];

interface BulkDialogProps {
  act: BulkAct;
  kind: Deletable;
  noun: [one: string, many: string];
  records: readonly Named[];
  /** Closes it, and tells which records were dealt with. */
  onClose: (done: readonly string[]) => void;
}

/** Asks whether to do something to several records, does it one by one, and shows what happened to each. */
export function BulkDialog({ act, kind, noun, records, onClose }: BulkDialogProps) {
  const { outcomes, isRunning, start, stop } = useBulk(act, kind);
  const [alsoUsers, setAlsoUsers] = useState(false);
  const of = (id: string): Outcome => outcomes[id] ?? "waiting";
  const done = records.filter(({ id }) => of(id) === "done");
  const left = records.filter(({ id }) => of(id) !== "done");
  const isInUse = left.map(({ id }) => of(id)).some((outcome) => isFailed(outcome) && outcome.isInUse);
  const hasBegun = Object.keys(outcomes).length > 0;
  const isOver = hasBegun && !isRunning && left.length === 0;
  const close = () => {
    stop();
    onClose(done.map(({ id }) => id));
  };
  const count = `${records.length} ${records.length === 1 ? noun[0] : noun[1]}`;
  const { title, verb } = textsOf(act, count);
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ "aria-label": t`Close` }}>
      <Stack gap="md">
        <ul className={classes.outcomes} aria-label={noun[1]}>
          {records.map(({ id, name }) => (
            <li key={id} className={classes.outcome}>
              <OutcomeIcon outcome={of(id)} />
              <div>
                <Text size="sm">{name}</Text>
                <Reason act={act} kind={kind} id={id} outcome={of(id)} />
              </div>
            </li>
          ))}
        </ul>
        {hasBegun && !isRunning && (
          <Text size="sm" role="status">
            {resultOf(act, done.length, records.length)}
          </Text>
        )}
        {act === "delete" && isInUse && !isRunning && (
          <Checkbox
            checked={alsoUsers}
            onChange={(event) => setAlsoUsers(event.currentTarget.checked)}
            label={t`Also delete everything that uses it`}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={isRunning ? stop : close}>
            {isRunning ? t`Stop` : isOver ? t`Close` : t`Cancel`}
          </Button>
          {!isOver && (
            <Button
              loading={isRunning}
              {...(act === "delete" ? { color: "red" } : {})}
              onClick={() => void start(left, alsoUsers)}
            >
              {hasBegun ? t`Try again` : verb}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

const isFailed = (outcome: Outcome): outcome is Exclude<Outcome, string> => typeof outcome === "object";

/** Why it failed; for a record in use also everything that uses it. */
function Reason({
  act,
  kind,
  id,
  outcome,
}: Pick<BulkDialogProps, "act" | "kind"> & { id: string; outcome: Outcome }) {
  if (!isFailed(outcome)) return null;
  return (
    <Stack gap={4}>
      <Text size="sm" c="var(--mantine-color-error)">
        {outcome.failed}
      </Text>
      {act === "delete" && outcome.isInUse && isRecordKind(kind) && <Users kind={kind} id={id} indirect />}
    </Stack>
  );
}

function OutcomeIcon({ outcome }: { outcome: Outcome }) {
  if (outcome === "waiting") return <span className={classes.dot} aria-hidden />;
  if (outcome === "running") return <Loader size={16} aria-label={t`In progress`} />;
  if (outcome === "done")
    return <IconCircleCheck size={16} color="var(--mantine-color-green-7)" aria-label={t`Done`} />;
  return <IconAlertTriangle size={16} color="var(--mantine-color-error)" aria-label={t`Failed`} />;
}

/** Does it to one record. */
function perform(
  act: BulkAct,
  tenantID: string,
  kind: Deletable,
  { id, version }: Named,
  cascade: boolean,
): Promise<unknown> {
  if (act === "delete") return deleteOne(tenantID, kind, id, { cascade });
  if (act === "clone") return cloneOne(tenantID, kind as Clonable, id);
  const of = { id, ...(version === undefined ? {} : { version }) };
  if (act === "move")
    return patchOne(tenantID, kind === "widget" ? "widget" : "dataquery", {
      ...of,
      patch: { dashboardID: null },
    });
  return patchOne(tenantID, "workflow", { ...of, patch: { enabled: act === "enable" } });
}

function useBulk(act: BulkAct, kind: Deletable) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  const [outcomes, setOutcomes] = useState<Record<string, Outcome>>({});
  const [running, setRunning] = useState<AbortController | null>(null);
  const start = async (records: readonly Named[], cascade: boolean) => {
    const controller = new AbortController();
    setRunning(controller);
    await oneByOne(
      records,
      (record) => perform(act, tenantID, kind, record, cascade),
      (id, outcome) => setOutcomes((old) => ({ ...old, [id]: outcome })),
      controller.signal,
    );
    setRunning(null);
    const change = { tenantID, kind, gone: act === "delete" };
    tellChange(change);
    await learnChange(client, change);
  };
  return { outcomes, isRunning: running !== null, start, stop: () => running?.abort() };
}
