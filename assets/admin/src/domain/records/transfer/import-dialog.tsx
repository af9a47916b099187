import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, FileButton, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { learnChange, tellChange } from "@/lib/api/changes";
import { api } from "@/lib/api/client";
import { isApiError } from "@/lib/api/errors";
import type { DashboardFile, DashboardFileSummary } from "@/lib/api/model";
import { parseJson } from "@/lib/format/exact-json";
import { isObject } from "@/lib/is-object";
import { fieldErrors } from "@/lib/schema/paths";
import { useTenantID, useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { NeededRecords } from "./needed-records";

interface Chosen {
  file: DashboardFile;
  summary: DashboardFileSummary;
}

/** Creates a dashboard from an exported file: shows what it contains, and asks what to use in its place. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t`Import a dashboard`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {chosen ? <Import {...chosen} onClose={onClose} /> : <ChooseFile onChosen={setChosen} />}
    </Modal>
  );
}

/** Reads a file as JSON. Throws an error for people. */
async function read(file: File): Promise<DashboardFile> {
  const content = await file
    .text()
    .then(parseJson)
    .catch(() => null);
  if (!isObject(content)) throw new Error(t`${file.name} is not a dashboard file: it contains no JSON.`);
  return content as unknown as DashboardFile;
}

function ChooseFile({ onChosen }: { onChosen: (chosen: Chosen) => void }) {
  const tenantID = useTenantID();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const look = async (selected: File) => {
    setBusy(true);
    setError(null);
    try {
      const file = await read(selected);
      const summary: DashboardFileSummary = await api.post(
        "/api/v1/tenants/{tenantID}/dashboards/import/preview",
        { path: { tenantID }, body: { file } },
      );
      onChosen({ file, summary });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        <Trans>
          Select a file that was saved with <b>Export</b> in the menu of a dashboard, here or on another
          server.
        </Trans>
      </Text>
      <Group>
        <FileButton accept="application/json,.json" onChange={(file) => file && void look(file)}>
          {(props) => (
            <Button {...props} loading={busy} leftSection={<IconFileImport size={16} />} data-autofocus>
              <Trans>Select file</Trans>
            </Button>
          )}
        </FileButton>
      </Group>
      {Boolean(error) && <ErrorPanel error={error} title={t`Could not read the file`} />}
    </Stack>
  );
}

/** Returns a function that creates what a file contains, and opens it. */
function useImport(file: DashboardFile) {
  const tenantID = useTenantID();
  const link = useTenantLink();
  const navigate = useNavigate();
  const client = useQueryClient();
  return async (name: string, targets: Record<string, string>) => {
    const { dashboard } = await api.post("/api/v1/tenants/{tenantID}/dashboards/import", {
      path: { tenantID },
      body: { file, name, targets },
    });
    for (const kind of ["dashboard", "widget", "dataquery"] as const) {
      tellChange({ tenantID, kind });
      await learnChange(client, { tenantID, kind });
    }
    void navigate(link("dashboards", dashboard.id));
  };
}

function Import({ file, summary, onClose }: Chosen & { onClose: () => void }) {
  const create = useImport(file);
  const [name, setName] = useState(summary.name);
  const [targets, setTargets] = useState<Record<string, string>>(() =>
    Object.fromEntries(summary.uses.flatMap(({ id, target }) => (target ? [[id, target] as const] : []))),
  );
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const open = summary.uses.filter(({ id, optional }) => !optional && !targets[id]);
  const errors = isApiError(error) ? fieldErrors(error.details) : {};
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    await create(name.trim(), targets).catch((failure: unknown) => {
      setError(failure);
      setBusy(false);
    });
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <TextInput
          label={t`Name`}
          withAsterisk
          data-autofocus
          maxLength={255}
          value={name}
          error={errors["file.dashboard.name"]}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Parts
          title={plural(summary.widgets.length, { one: "# widget", other: "# widgets" })}
          names={summary.widgets.map((widget) => widget.name)}
        />
        <Parts
          title={plural(summary.queries.length, { one: "# query", other: "# queries" })}
          names={summary.queries.map((query) => query.name)}
        />
        <NeededRecords uses={summary.uses} targets={targets} onChange={setTargets} />
        {Boolean(error) && <ErrorPanel error={error} title={t`Could not import the dashboard`} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" loading={busy} disabled={!name.trim() || open.length > 0}>
            <Trans>Import</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The most names that are listed. */
const NAMED = 12;

function Parts({ title, names }: { title: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  const more = names.length - NAMED;
  return (
    <div>
      <Text size="sm" fw={500}>
        {title}
      </Text>
      <Text size="sm" c="dimmed">
        {names.slice(0, NAMED).join(", ")}
        {more > 0 && <> {plural(more, { one: "and # more", other: "and # more" })}</>}
      </Text>
    </div>
  );
}
