import { t } from "@lingui/core/macro";
import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { useCan } from "@/lib/api/me";
import { useOne, type Readable } from "@/lib/api/resources";
import { isRecordKind, useRecordLink } from "./record-kinds";

interface RecordNameProps {
  kind: Readable;
  id: string;
}

/** The name of a record of which only the id is known. */
export function RecordName({ kind, id }: RecordNameProps) {
  const { data, isError } = useOne(kind, id);
  if (isError) return <span title={id}>{t`no longer available`}</span>;
  return <span>{data && "name" in data ? data.name : "…"}</span>;
}

/** The same, as a link for those who may open the record. */
export function RecordLink({ kind, id }: RecordNameProps) {
  const can = useCan();
  const linkTo = useRecordLink();
  if (!can(`${kind}:read`)) return <span title={id}>{t`Your role cannot see it.`}</span>;
  if (!isRecordKind(kind)) return <RecordName kind={kind} id={id} />;
  return (
    <Anchor component={Link} to={linkTo(kind, id)} size="sm">
      <RecordName kind={kind} id={id} />
    </Anchor>
  );
}
