import { plural, t } from "@lingui/core/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { learnChange, tellChange } from "@/lib/api/changes";
import { isApiError } from "@/lib/api/errors";
import { keys } from "@/lib/api/keys";
import type { DashboardRestorationResult, VersionDetail } from "@/lib/api/model";
import { usePatch, type Patch, type RecordOf } from "@/lib/api/resources";
import { restoreFile } from "@/lib/api/subjects/files";
import { useRestoreDashboard } from "@/lib/api/subjects/versions";
import { useTenantID } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import {
  contentOf,
  contentOfVersion,
  restoringPatch,
  type Content,
  type HistoryKind,
} from "../compare/content";

export type LeftOutRecord = DashboardRestorationResult["leftOut"][number];

type Present<K extends HistoryKind> = RecordOf<K> & { version: number };

/** Returns what saves the content of a version of a record again. */
function useSaveContent<K extends HistoryKind>(kind: K, id: string) {
  const patch = usePatch(kind);
  const tenantID = useTenantID();
  const client = useQueryClient();

  return async (from: Present<K>, to: Content, version: number): Promise<Present<K>> => {
    // The content of a file is not in its versions: the server keeps it.
    if (kind === "file") {
      const restored = await restoreFile(tenantID, id, version, from.version);
      client.setQueryData(keys.one(tenantID, kind, id), restored);
      tellChange({ tenantID, kind, id });
      await learnChange(client, { tenantID, kind, id });
      return restored as unknown as Present<K>;
    }
    return patch.mutateAsync({
      id,
      patch: restoringPatch(kind, contentOf(kind, from), to) as Patch<K>,
      version: from.version,
    }) as Promise<Present<K>>;
  };
}

/** Returns what restores a dashboard with what belongs to it: null if something cannot come back. */
function useRestoreWhole<K extends HistoryKind>(
  id: string,
  onLost: (leftOut: readonly LeftOutRecord[]) => void,
) {
  const dashboard = useRestoreDashboard();

  return async (from: Present<K>, past: { version: number }, leaveOut: boolean) => {
    const ask = { id, past: past.version, current: from.version };
    if (!leaveOut) {
      const { leftOut } = await dashboard.mutateAsync({ ...ask, preview: true });
      if (leftOut.length) {
        onLost(leftOut);
        return null;
      }
    }
    const done = await dashboard.mutateAsync({ ...ask, leaveOut });
    const kept = done.kept.map(({ name }) => name);
    return { record: done.dashboard as unknown as Present<K>, count: done.restored.length, kept };
  };
}

/** Says which version was restored, with the number of records that came back from the trash. */
const wordsOf = (past: VersionDetail, done: { count: number }): string =>
  done.count
    ? plural(done.count, {
        one: `Restored version ${past.version}, and # record from the trash`,
        other: `Restored version ${past.version}, and # records from the trash`,
      })
    : t`Restored version ${past.version}`;

/** Says which records keep their present settings. */
const keptWords = (kept: readonly string[]): string => {
  const names = kept.join(", ");
  return plural(kept.length, {
    one: `${names} keeps its present settings: the earlier ones need something that does not exist any more`,
    other: `${names} keep their present settings: the earlier ones need something that does not exist any more`,
  });
};

/** Restores a version of a record by saving its content again, and offers to undo that. */
export function useRestoreVersion<K extends HistoryKind>(kind: K, id: string) {
  const [restoring, setRestoring] = useState(false);
  /** What cannot come back with a version, before anybody agreed to leave it out. */
  const [lost, setLost] = useState<readonly LeftOutRecord[] | null>(null);
  const change = useSaveContent(kind, id);
  const changeDashboard = useRestoreWhole<K>(id, setLost);

  /** Returns whether the version was restored. Nothing is overwritten that was saved since `current`. */
  const restore = async (current: Present<K>, past: VersionDetail, leaveOut = false): Promise<boolean> => {
    setRestoring(true);
    setLost(null);
    try {
      const done =
        kind === "dashboard"
          ? await changeDashboard(current, past, leaveOut)
          : { record: await change(current, contentOfVersion(kind, past), past.version), count: 0, kept: [] };
      if (!done) return false;
      const back = (): Promise<unknown> =>
        kind === "dashboard"
          ? changeDashboard(done.record, current, true)
          : change(done.record, contentOf(kind, current), current.version);
      const undo = () =>
        back().then(
          () => notify.done(t`Undone`),
          (error: unknown) => notify.failed(error, t`Could not undo`),
        );
      notify.done(wordsOf(past, done), { label: t`Undo`, run: () => void undo() });
      if (done.kept.length) notify.info(keptWords(done.kept));
      return true;
    } catch (error) {
      const what = isApiError(error, "VERSION_CONFLICT")
        ? t`Someone has just saved another version`
        : t`Could not restore the version`;
      notify.failed(error, what);
      return false;
    } finally {
      setRestoring(false);
    }
  };
  return { restore, restoring, lost, keepPresent: () => setLost(null) };
}
