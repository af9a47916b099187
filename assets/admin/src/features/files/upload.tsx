import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, Group, Progress, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconUpload } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { useUploadPage } from "@/domain/files/use-incoming";
import { isApiError, messageOf } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { File as FileRecord } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import { useUpload } from "@/lib/api/subjects/files";
import { formatStorage } from "@/lib/format/format";
import { incomingFiles } from "@/lib/files/incoming-files";
import { settled } from "@/lib/session/unsaved";
import { useTenantLink } from "@/lib/tenant";
import { EmptyState } from "@/ui/feedback/empty-state";
import { PageHeader } from "@/ui/page/page-header";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { freeFileName } from "./file-names";
import classes from "./files.module.css";

/** Uploads the files that were selected or dropped, one after the other, and opens a single one. */
export function UploadFiles() {
  // Files that are dropped on this page start another upload.
  return <Uploads key={useLocation().key} />;
}

/** How an upload ended: the record, or null if it was cancelled or given up. */
type Outcome = FileRecord | null;

function Uploads() {
  const link = useTenantLink();
  const navigate = useNavigate();
  const { pick } = useUploadPage();
  const token: unknown = useLocation().state;
  const [{ files, replaces }] = useState(() => incomingFiles.read(token));
  useEffect(() => incomingFiles.forget(token), [token]);
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  const isDone = outcomes.length === files.length;
  const stored = outcomes.filter((outcome) => outcome !== null);

  const finish = (outcome: Outcome) => {
    setOutcomes((old) => [...old, outcome]);
    if (files.length > 1 || !outcome) return;
    // A single file opens, after the guard below knows that nothing is being sent.
    setTimeout(() => void navigate(link("files", outcome.id), { replace: true, ...settled }));
  };
  const select = (
    <Button leftSection={<IconUpload size={16} />} onClick={pick}>
      <Trans>Select files</Trans>
    </Button>
  );
  return (
    <>
      <PageHeader
        title={replaces ? t`Replace content of ${replaces.name}` : t`Upload files`}
        breadcrumb={[{ label: t`Files`, to: link("files") }]}
        actions={isDone && files.length > 0 && select}
      />
      <Stack p={{ base: "lg", sm: "xl" }} gap="md" maw={760}>
        {files.length === 0 && (
          <div className={classes.drop}>
            <EmptyState
              icon={IconUpload}
              title={t`Drop files here`}
              text={t`Drop files anywhere in the app, or select them. CSV, Excel and JSON files become tables.`}
              action={select}
            />
          </div>
        )}
        <ul className={classes.uploads} aria-label={t`Uploads`}>
          {files.map((file, index) => (
            <li key={index} className={classes.upload}>
              <Upload
                file={file}
                replaces={replaces?.id}
                isTurn={outcomes.length === index}
                outcome={outcomes[index]}
                onEnd={finish}
              />
            </li>
          ))}
        </ul>
        {isDone && files.length > 1 && (
          <Text role="status">
            {plural(stored.length, { one: "# file uploaded.", other: "# files uploaded." })}
          </Text>
        )}
      </Stack>
      <UnsavedGuard dirty={!isDone && files.length > 0} />
    </>
  );
}

interface UploadProps {
  file: File;
  replaces: string | undefined;
  /** Whether the files before it are done. */
  isTurn: boolean;
  /** Undefined until it ended. */
  outcome: Outcome | undefined;
  onEnd: (outcome: Outcome) => void;
}

function Upload({ file, replaces, isTurn, outcome, onEnd }: UploadProps) {
  const { send, sending, error, cancel } = useUpload(replaces);
  const [name, setName] = useState(file.name);
  const start = (as = name) =>
    void send(file, as).then((record) => {
      if (record) onEnd(record);
    });
  useEffect(() => {
    if (!isTurn) return;
    // A page that is drawn twice at once, as in development, sends it once.
    const timer = setTimeout(start);
    return () => clearTimeout(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isTurn]);

  if (outcome) return <Stored file={outcome} />;
  return (
    <Stack gap={6}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" fw={500} truncate>
          {name}
        </Text>
        <Text size="sm" c="var(--jet-muted)" style={{ flex: "none" }}>
          {sending
            ? t`${Math.floor(sending.part * 100)} % of ${formatStorage(file.size)}`
            : formatStorage(file.size)}
        </Text>
      </Group>
      {sending && (
        <Group wrap="nowrap" gap="sm">
          <Progress flex={1} value={sending.part * 100} aria-label={t`Uploading ${sending.name}`} />
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              cancel();
              onEnd(null);
            }}
          >
            <Trans>Cancel</Trans>
          </Button>
        </Group>
      )}
      {outcome === null && (
        <Text size="sm" c="var(--jet-muted)" role="status">
          <Trans>Not uploaded.</Trans>
        </Text>
      )}
      {Boolean(error) && outcome === undefined && (
        <Failed
          error={error}
          name={name}
          onRetry={(as) => {
            setName(as);
            start(as);
          }}
          onReplaced={onEnd}
          onSkip={() => onEnd(null)}
          file={file}
        />
      )}
    </Stack>
  );
}

function Stored({ file }: { file: FileRecord }) {
  const link = useTenantLink();
  const can = useCan();
  const mayMakeTable = ["datasource:read", "dataquery:create", "dataquery:execute"].every(can);
  return (
    <Group gap="sm" wrap="nowrap">
      <IconCircleCheck size={16} color="var(--mantine-color-green-7)" aria-label={t`Done`} />
      <Anchor component={Link} to={link("files", file.id)} size="sm" fw={500}>
        {file.name}
      </Anchor>
      <Text size="sm" c="var(--jet-muted)" ml="auto">
        {formatStorage(file.size)}
      </Text>
      {mayMakeTable && (
        <Anchor component={Link} to={link("files", file.id, "table")} size="sm">
          <Trans>Create table</Trans>
        </Anchor>
      )}
    </Group>
  );
}

interface FailedProps {
  error: unknown;
  name: string;
  file: File;
  onRetry: (name: string) => void;
  onReplaced: (outcome: Outcome) => void;
  onSkip: () => void;
}

/** Why a file was not stored, and what can be done. */
function Failed({ error, name, file, onRetry, onReplaced, onSkip }: FailedProps) {
  const isTaken = isApiError(error, "CONFLICT");
  return (
    <Stack gap="sm">
      <Group gap={6} wrap="nowrap" align="flex-start" role="alert">
        <IconAlertTriangle
          size={16}
          color="var(--mantine-color-error)"
          style={{ flex: "none" }}
          aria-hidden
        />
        <Text size="sm">{isTaken ? t`There is already a file with this name.` : messageOf(error)}</Text>
      </Group>
      <Group gap="sm">
        {isTaken ? (
          <Taken name={name} file={file} onKeepBoth={onRetry} onReplaced={onReplaced} />
        ) : (
          <Button size="xs" variant="default" onClick={() => onRetry(name)}>
            <Trans>Try again</Trans>
          </Button>
        )}
        <Button size="xs" variant="subtle" color="gray" onClick={onSkip}>
          <Trans>Do not upload</Trans>
        </Button>
      </Group>
    </Stack>
  );
}

interface TakenProps {
  name: string;
  file: File;
  onKeepBoth: (name: string) => void;
  onReplaced: (outcome: Outcome) => void;
}

/** The name is taken: the other file gets this content, or this one gets another name. */
function Taken({ name, file, onKeepBoth, onReplaced }: TakenProps) {
  const can = useCan();
  const found = useList("file", { q: name, limit: 200 }).items ?? [];
  const other = found.find((candidate) => candidate.name === name);
  const replacement = useUpload(other?.id);
  if (replacement.sending)
    return <Progress flex={1} value={replacement.sending.part * 100} aria-label={t`Uploading ${name}`} />;
  return (
    <>
      {other && can("file:update") && (
        <Button
          size="xs"
          variant="default"
          onClick={() => void replacement.send(file).then((record) => record && onReplaced(record))}
        >
          <Trans>Replace its content</Trans>
        </Button>
      )}
      <Button
        size="xs"
        variant="default"
        onClick={() => onKeepBoth(freeFileName(name, new Set(found.map((candidate) => candidate.name))))}
      >
        <Trans>Keep both</Trans>
      </Button>
      {Boolean(replacement.error) && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {messageOf(replacement.error)}
        </Text>
      )}
    </>
  );
}
