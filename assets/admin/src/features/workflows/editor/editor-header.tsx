import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Switch, Text } from "@mantine/core";
import { IconActivity, IconFileExport, IconFlask, IconPlayerPlay } from "@tabler/icons-react";
import { RecordMenu } from "@/domain/records/menu/record-menu";
import { useExport } from "@/domain/records/transfer/use-export";
import { SaveState } from "@/domain/records/save-state";
import { useCan, useMayTry } from "@/lib/api/me";
import type { Workflow } from "@/lib/api/model";
import { useTenantLink } from "@/lib/tenant";
import { PageHeader } from "@/ui/page/page-header";
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
  const save = useExport("workflow");
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
          {mayUpdate ? (
            <Switch
              label={t`Enabled`}
              checked={enabling ?? workflow.enabled}
              disabled={enabling !== undefined}
              onChange={(event) => onEnable(event.currentTarget.checked)}
            />
          ) : (
            <Text size="sm" c="var(--jet-muted)">
              {workflow.enabled ? t`Enabled` : t`Disabled`}
            </Text>
          )}
          <RecordMenu
            kind="workflow"
            record={workflow}
            own={[
              ...(save
                ? [{ label: t`Export`, icon: <IconFileExport size={16} />, onClick: () => save(workflow) }]
                : []),
              {
                label: t`View runs`,
                icon: <IconActivity size={16} />,
                to: `${link("runs")}?workflowID=${workflow.id}`,
              },
            ]}
          />
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
              {mayTest && (
                <Button
                  variant="default"
                  leftSection={<IconFlask size={16} />}
                  loading={runs.starting}
                  onClick={() => runs.ask("test")}
                >
                  <Trans>Test</Trans>
                </Button>
              )}
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
