import { useState } from "react";
import { applyPatch, isEqual, mergePatch } from "@/lib/schema/merge-patch";
import { fieldErrors, type FieldErrors } from "@/lib/schema/paths";
import { useTenantID } from "@/lib/tenant";
import { isApiError } from "./errors";
import type { Base } from "./model";
import { readOne, usePatch, type Draft, type Editable, type Patch, type RecordOf } from "./resources";

export type Editor<K extends Editable> = ReturnType<typeof useEditor<K>>;

/** The contents of a conflict, in the draft's shape. */
export interface Conflict<D> {
  base: D;
  theirs: D;
  /** What `keepMine` saves: theirs with the changes of the draft. */
  merged: D;
  /** The number of their version. */
  version: number;
}

function conflictOf<D>(base: D, theirs: D, draft: D, version: number): Conflict<D> {
  type Json = Record<string, unknown>;
  const changes = mergePatch(base as Json, draft as Json);
  return { base, theirs, merged: applyPatch(theirs as Json, changes) as D, version };
}

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
  const read = (id: string) => readOne(tenantID, kind, id) as Promise<RecordOf<K> & Base>;

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
      if (!isApiError(failure, "VERSION_CONFLICT")) setError(failure);
      else await read(base.id).then(setTheirs, setError);
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
    /** What was saved in between, while `keepMine` or `takeTheirs` has to decide. */
    conflict: theirs && conflictOf(toDraft(base), toDraft(theirs), draft, theirs.version),
    takeTheirs: () => theirs && adopt(theirs),
    keepMine: () => (theirs ? save(theirs.version) : Promise.resolve(false)),
    goOn: () => setTheirs(null),
    revert: () => adopt(base),
  };
}
