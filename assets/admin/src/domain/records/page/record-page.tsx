import { Skeleton, Stack } from "@mantine/core";
import { failureOf, isNowhere } from "@/lib/api/errors";
import type { Base } from "@/lib/api/model";
import { useOne, type Editable, type RecordOf } from "@/lib/api/resources";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { NotFound } from "@/ui/page/plain-page";
import { dashboardOf, OnDashboard } from "../on-dashboard";
import type { RecordKind } from "../record-kinds";
import { WhileThere } from "../while-there";

interface RecordPageProps<K extends Editable, T> {
  kind: K;
  id: string | undefined;
  /** What else must be loaded first, such as the known types. */
  needs?: { data: T | undefined; error: unknown; refetch: () => Promise<unknown> };
  children: (record: RecordOf<K> & Base, needed: T) => React.ReactNode;
}

const nothing = { data: undefined, error: null, refetch: () => Promise.resolve() };

/** Loads a record and shows its editor: again from the start for each record, and only while it exists. */
export function RecordPage<K extends Editable, T = undefined>({
  kind,
  id,
  needs,
  children,
}: RecordPageProps<K, T>) {
  const record = useOne(kind, id);
  const needed = needs ?? nothing;
  const error = failureOf(record, needed);
  if (isNowhere(error)) return <NotFound />;
  if (error)
    return (
      <ErrorPanel page error={error} onRetry={() => void Promise.all([record.refetch(), needed.refetch()])} />
    );
  if (!record.data || (needs && needs.data === undefined)) {
    return (
      <Stack p="xl" aria-busy>
        <Skeleton h={28} w={220} />
        <Skeleton h={320} />
      </Stack>
    );
  }
  const loaded = record.data as RecordOf<K> & Base;
  return (
    <WhileThere error={record.error}>
      <OnDashboard key={loaded.id} id={dashboardOf(kind as RecordKind, loaded)}>
        {children(loaded, needed.data as T)}
      </OnDashboard>
    </WhileThere>
  );
}
