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

/** Saves a whole draft. */
type Send<K extends Editable> = (id: string, draft: Draft<K>, version: number) => Promise<RecordOf<K>>;

/** Saves the whole draft with `send`, or only what has changed with a patch. */
function useDelivery<K extends Editable>(kind: K, send: Send<K> | undefined) {
  const patch = usePatch(kind);
  return (id: string, before: Draft<K>, sent: Draft<K>, whole: Draft<K>, version: number) =>
    send
      ? send(id, whole, version)
      : patch.mutateAsync({ id, patch: patchBetween<K>(before, sent), version });
}

/**
 * Edits one record: a draft beside the version it is based on. Saving sends only the changes, with `If-Match`; if
 * someone else has saved in between, `theirs` holds their version until `takeTheirs` or `keepMine` decides.
 */
export function useEditor<K extends Editable>(
  kind: K,
  record: RecordOf<K> & Base,
  toDraft: (record: RecordOf<K>) => Draft<K>,
  send?: Send<K>,
) {
  const tenantID = useTenantID();
  const deliver = useDelivery(kind, send);
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
      const whole = theirs ? conflictOf(toDraft(base), toDraft(theirs), sent, version).merged : sent;
      const saved = (await deliver(base.id, toDraft(base), sent, whole, version)) as typeof base;
      setBase(saved);
      // Input during the request is kept.
      setDraft((current) => (isEqual(current, sent) ? toDraft(saved) : current));
      setTheirs(null);
      return true;
    } catch (failure) {
      if (!isApiError(failure, "VERSION_CONFLICT")) setError(failure);
      else await readOne(tenantID, kind, base.id).then((now) => setTheirs(now as typeof base), setError);
      return false;
    } finally {
      setSaving(false);
    }
  };

  return {
    base,
    draft,
    setDraft,
    set: (change: Partial<Draft<K>>) => setDraft((current) => ({ ...current, ...change })),
    dirty,
    saving,
    save: () => save(),
    error,
    errors: isApiError(error) ? fieldErrors(error.details) : ({} as FieldErrors),
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
