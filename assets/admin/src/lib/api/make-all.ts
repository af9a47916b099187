import { useQueryClient } from "@tanstack/react-query";
import { useTenantID } from "@/lib/tenant";
import { learnChange, tellChange } from "./changes";
import { isApiError } from "./errors";
import type { File } from "./model";
import { createOne, deleteOne, type Creatable, type Deletable, type Draft, type RecordOf } from "./resources";

/** The kinds that people build. */
type Makeable = Extract<Creatable, "datasource" | "dataquery" | "widget" | "dashboard" | "workflow">;

export interface Make {
  <K extends Makeable>(kind: K, draft: Draft<K> & { name: string }): Promise<RecordOf<K>>;
  /** Includes a file that was uploaded for the records. */
  file: (upload: (number: number) => Promise<File>) => Promise<File>;
}

/** How many names are tried for one record. */
const MOST_NAMES = 30;

/**
 * Creates records that belong together: if one cannot be created, the ones before it are deleted again. A taken name
 * gets a number.
 */
export async function makeAll<T>(tenantID: string, work: (make: Make) => Promise<T>): Promise<T> {
  const made: { kind: Deletable; id: string }[] = [];
  const tryNames = async <R extends { id: string }>(
    kind: Deletable,
    create: (number: number) => Promise<R>,
  ) => {
    for (let number = 1; ; number += 1) {
      try {
        const record = await create(number);
        made.push({ kind, id: record.id });
        return record;
      } catch (error) {
        if (!isApiError(error, "CONFLICT") || number >= MOST_NAMES) throw error;
      }
    }
  };
  const make = Object.assign(
    <K extends Makeable>(kind: K, draft: Draft<K> & { name: string }) =>
      tryNames(kind, (number) => createOne(tenantID, kind, { ...draft, name: numbered(draft.name, number) })),
    { file: (upload: (number: number) => Promise<File>) => tryNames("file", upload) },
  );
  try {
    return await work(make);
  } catch (error) {
    for (const { kind, id } of made.toReversed()) await deleteOne(tenantID, kind, id).catch(() => undefined);
    throw error;
  }
}

/** Returns a name for the given attempt: "Orders", "Orders 2". */
export const numbered = (name: string, number: number): string => (number === 1 ? name : `${name} ${number}`);

/** Like `makeAll`, in the current tenant; afterwards all its lists are loaded again. */
export function useMakeAll(): <T>(work: (make: Make) => Promise<T>) => Promise<T> {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return async (work) => {
    try {
      return await makeAll(tenantID, work);
    } finally {
      const change = { tenantID, kind: "dashboard", gone: true } as const;
      tellChange(change);
      await learnChange(client, change);
    }
  };
}
