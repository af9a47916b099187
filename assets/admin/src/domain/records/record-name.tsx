import { t } from "@lingui/core/macro";
import { useOne, type Readable } from "@/lib/api/resources";

/** The name of a record of which only the id is known. */
export function RecordName({ kind, id }: { kind: Readable; id: string }) {
  const { data, isError } = useOne(kind, id);
  if (isError) return <span title={id}>{t`no longer available`}</span>;
  return <span>{data && "name" in data ? data.name : "…"}</span>;
}
