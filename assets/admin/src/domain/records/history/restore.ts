import { t } from "@lingui/core/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { learnChange, tellChange } from "@/lib/api/changes";
import { isApiError } from "@/lib/api/errors";
import { keys } from "@/lib/api/keys";
import type { VersionDetail } from "@/lib/api/model";
import { usePatch, type Patch, type RecordOf } from "@/lib/api/resources";
import { restoreFile } from "@/lib/api/subjects/files";
import { useTenantID } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import {
  contentOf,
  contentOfVersion,
  restoringPatch,
  type Content,
  type HistoryKind,
} from "../compare/content";

/** Restores a version of a record by saving its content again, and offers to undo that. */
export function useRestoreVersion<K extends HistoryKind>(kind: K, id: string) {
  const patch = usePatch(kind);
  const [restoring, setRestoring] = useState(false);

  const tenantID = useTenantID();
  const client = useQueryClient();

  const change = async (
    from: RecordOf<K> & { version: number },
    to: Content,
    version: number,
  ): Promise<RecordOf<K> & { version: number }> => {
    // The content of a file is not in its versions: the server keeps it.
    if (kind === "file") {
      const restored = await restoreFile(tenantID, id, version, from.version);
      client.setQueryData(keys.one(tenantID, kind, id), restored);
      tellChange({ tenantID, kind, id });
      await learnChange(client, { tenantID, kind, id });
      return restored as unknown as RecordOf<K> & { version: number };
    }
    return patch.mutateAsync({
      id,
      patch: restoringPatch(kind, contentOf(kind, from), to) as Patch<K>,
      version: from.version,
    }) as Promise<RecordOf<K> & { version: number }>;
  };

  /** Returns whether the version was restored. Nothing is overwritten that was saved since `current`. */
  const restore = async (
    current: RecordOf<K> & { version: number },
    past: VersionDetail,
  ): Promise<boolean> => {
    setRestoring(true);
    try {
      const restored = await change(current, contentOfVersion(kind, past), past.version);
      const undo = () =>
        change(restored, contentOf(kind, current), current.version).then(
          () => notify.done(t`Undone`),
          (error: unknown) => notify.failed(error, t`Could not undo`),
        );
      notify.done(t`Restored version ${past.version}`, { label: t`Undo`, run: () => void undo() });
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
  return { restore, restoring };
}
