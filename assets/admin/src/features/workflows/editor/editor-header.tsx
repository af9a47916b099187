import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Menu, Switch } from "@mantine/core";
import {
  IconActivity,
  IconCopy,
  IconDots,
  IconFlask,
  IconHistory,
  IconPlayerPlay,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { SaveState } from "@/domain/records/save-state";
import { useCan, useMayTry } from "@/lib/api/me";
import type { Workflow } from "@/lib/api/model";
import { useClone, useDelete } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { Versions } from "../versions/versions";
import type { Runs } from "./use-runs";

interface EditorHeaderProps {
  workflow: Workflow;
  name: string;
  dirty: boolean;
  saving: boolean;
  /** The state that is being saved. */
  enabling: boolean | undefined;
  runs: Runs;
  onRename: (name: string) => void;
  onSave: () => void;
  onEnable: (enabled: boolean) => void;
}

export function EditorHeader({
  workflow,
  name,
  dirty,
  saving,
  enabling,
  runs,
  onRename,
  onSave,
  onEnable,
}: EditorHeaderProps) {
  const link = useTenantLink();
  const can = useCan();
  const mayUpdate = can("workflow:update");
  const mayTest = useMayTry("workflow");
  return (
    <PageHeader
      title={name}
      breadcrumb={[{ label: t`Workflows`, to: link("workflows") }]}
      {...(mayUpdate ? { onRename } : {})}
      state={
        <SaveState dirty={dirty} saving={saving} savedAt={workflow.updatedAt} version={workflow.version} />
      }
      actions={
        <>
          <Switch
            label={t`Enabled`}
            checked={enabling ?? workflow.enabled}
            disabled={!mayUpdate || enabling !== undefined}
            onChange={(event) => onEnable(event.currentTarget.checked)}
          />
          <MoreMenu workflow={workflow} />
          {can("workflow:execute") && (
            <>
              <Button
                variant="default"
                leftSection={<IconPlayerPlay size={16} />}
                disabled={dirty}
                title={dirty ? t`Save before running, or use Test` : undefined}
                onClick={() => runs.ask("run")}
              >
                <Trans>Run</Trans>
              </Button>
              <Button
                variant="default"
                leftSection={<IconFlask size={16} />}
                loading={runs.starting}
                disabled={!mayTest}
                title={mayTest ? undefined : t`Only roles that can create or update workflows can run tests`}
                onClick={() => runs.ask("test")}
              >
                <Trans>Test</Trans>
              </Button>
            </>
          )}
          {mayUpdate && (
            <Button loading={saving} disabled={!dirty} onClick={onSave}>
              <Trans>Save</Trans>
            </Button>
          )}
        </>
      }
    />
  );
}

function MoreMenu({ workflow }: { workflow: Workflow }) {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const clone = useClone("workflow");
  const remove = useDelete("workflow");
  const [open, setOpen] = useState<"versions" | "delete" | null>(null);
  const goTo = (...segments: string[]) => void navigate(link("workflows", ...segments));
  return (
    <>
      <Menu position="bottom-end" width={180}>
        <Menu.Target>
          <ActionIcon size={32} variant="default" aria-label={t`More actions`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => setOpen("versions")}>
            <Trans>Versions</Trans>
          </Menu.Item>
          <Menu.Item
            component={Link}
            to={`${link("runs")}?workflowID=${workflow.id}`}
            leftSection={<IconActivity size={16} />}
          >
            <Trans>View runs</Trans>
          </Menu.Item>
          {can("workflow:clone") && (
            <Menu.Item
              leftSection={<IconCopy size={16} />}
              onClick={() =>
                clone.mutate(
                  { id: workflow.id },
                  { onSuccess: ({ id }) => goTo(id), onError: (error) => notify.failed(error) },
                )
              }
            >
              <Trans>Clone</Trans>
            </Menu.Item>
          )}
          {can("workflow:delete") && (
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setOpen("delete")}>
              <Trans>Delete</Trans>
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {open === "versions" && (
        <Versions workflowID={workflow.id} current={workflow.version} onClose={() => setOpen(null)} />
      )}
      <ConfirmDelete
        noun={t`workflow`}
        name={open === "delete" ? workflow.name : null}
        onClose={() => setOpen(null)}
        onDelete={async () => {
          await remove.mutateAsync({ id: workflow.id });
          goTo();
        }}
      />
    </>
  );
}
