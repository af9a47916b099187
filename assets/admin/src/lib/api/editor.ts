import { useState } from "react";
import { isEqual, mergePatch } from "@/lib/schema/merge-patch";
import { fieldErrors, type FieldErrors } from "@/lib/schema/paths";
import { useTenantID } from "@/lib/tenant";
import { isApiError } from "./errors";
import type { Base } from "./model";
import { readOne, usePatch, type Draft, type Editable, type Patch, type RecordOf } from "./resources";

const patchBetween = <K extends Editable>(from: Draft<K>, to: Draft<K>) =>
  mergePatch(from as Record<string, unknown>, to as Record<string, unknown>) as Patch<K>;

/**
 * Edits one record: a draft beside the version it is based on. Saving sends only the changes, with `If-Match`; if
 * someone else has saved in between, `theirs` holds their version until `takeTheirs` or `keepMine` decides.
 */
export function useEditor<K extends Editable>(
  kind: K,
  record: RecordOf<K> & Base,
  toDraft: (record: RecordOf<K>) => Draft<K>,
) {
  const tenantID = useTenantID();
  const patch = usePatch(kind);
  const [base, setBase] = useState(record);
  const [draft, setDraft] = useState(() => toDraft(record));
  const [theirs, setTheirs] = useState<(RecordOf<K> & Base) | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [saving, setSaving] = useState(false);
  const dirty = !isEqual(draft, toDraft(base));

  const adopt = (next: RecordOf<K> & Base) => {
    setBase(next);
    setDraft(toDraft(next));
    setTheirs(null);
    setError(null);
  };
  // Without local changes a newer version is simply shown.
  if (record.version > base.version && !dirty) adopt(record);

  const save = async (version: number = base.version): Promise<boolean> => {
    const sent = draft;
    setError(null);
    setSaving(true);
    try {
      const changes = patchBetween<K>(toDraft(base), sent);
      const saved = (await patch.mutateAsync({ id: base.id, patch: changes, version })) as RecordOf<K> & Base;
      setBase(saved);
      // Input during the request is kept.
      setDraft((current) => (isEqual(current, sent) ? toDraft(saved) : current));
      setTheirs(null);
      return true;
    } catch (failure) {
      if (isApiError(failure, "VERSION_CONFLICT"))
        setTheirs((await readOne(tenantID, kind, base.id)) as RecordOf<K> & Base);
      else setError(failure);
      return false;
    } finally {
      setSaving(false);
    }
  };

  const errors: FieldErrors = isApiError(error) ? fieldErrors(error.details) : {};
  return {
    base,
    draft,
    setDraft,
    set: (change: Partial<Draft<K>>) => setDraft((current) => ({ ...current, ...change })),
    dirty,
    saving,
    save: () => save(),
    error,
    errors,
    /** Whether a newer version was saved, here or elsewhere, while this draft has changes. */
    newer: record.version > base.version && !saving,
    compare: () => setTheirs(record),
    /** The version that someone else saved in between, in the draft's shape. */
    theirs: theirs && toDraft(theirs),
    takeTheirs: () => theirs && adopt(theirs),
    keepMine: () => (theirs ? save(theirs.version) : Promise.resolve(false)),
    goOn: () => setTheirs(null),
    revert: () => adopt(base),
  };
}
