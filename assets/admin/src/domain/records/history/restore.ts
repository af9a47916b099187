import { t } from "@lingui/core/macro";
import { useState } from "react";
import { isApiError } from "@/lib/api/errors";
import type { VersionDetail } from "@/lib/api/model";
import { usePatch, type Patch, type RecordOf } from "@/lib/api/resources";
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

  const change = (from: RecordOf<K> & { version: number }, to: Content) =>
    patch.mutateAsync({
      id,
      patch: restoringPatch(kind, contentOf(kind, from), to) as Patch<K>,
      version: from.version,
    }) as Promise<RecordOf<K> & { version: number }>;

  /** Returns whether the version was restored. Nothing is overwritten that was saved since `current`. */
  const restore = async (
    current: RecordOf<K> & { version: number },
    past: VersionDetail,
  ): Promise<boolean> => {
    setRestoring(true);
    try {
      const restored = await change(current, contentOfVersion(kind, past));
      const undo = () =>
        change(restored, contentOf(kind, current)).then(
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
