import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Switch } from "@mantine/core";
import { IconActivity, IconFlask, IconPlayerPlay } from "@tabler/icons-react";
import { RecordMenu } from "@/domain/records/menu/record-menu";
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
          <RecordMenu
            kind="workflow"
            record={workflow}
            own={[
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
