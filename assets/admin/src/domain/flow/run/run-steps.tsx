import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Text } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { runErrorText } from "@/lib/api/texts/error-texts";
import { url } from "@/lib/api/client";
import type { Run } from "@/lib/api/model";
import { stepKey } from "@/lib/flow/run-state";
import { formatBytes } from "@/lib/format/format";
import { useTenantID } from "@/lib/tenant";
import { JsonView } from "@/ui/text/json-view";
import { errorTitle } from "./error-titles";
import { LargeValue } from "./large-value";
import classes from "./run.module.css";
import { StepDetails } from "./step-details";
import { StepList } from "./step-list";

interface RunStepsProps {
  run: Run;
  /** The key of the selected step; null shows the run's own input and output. */
  selected: string | null;
  onSelect: (key: string | null) => void;
}

/** Shows a run's steps over time, and the details of the selected one. */
export function RunSteps({ run, selected, onSelect }: RunStepsProps) {
  const steps = run.steps ?? [];
  const step = steps.find((candidate) => stepKey(candidate) === selected);
  return (
    <div className={classes.split}>
      <div className={classes.list}>
        <StepList
          run={run}
          steps={steps}
          selected={step ? selected : null}
          onSelect={(key) => onSelect(key === selected ? null : key)}
        />
      </div>
      <div className={classes.side}>
        {step ? <StepDetails run={run} step={step} /> : <WholeRun run={run} />}
      </div>
    </div>
  );
}

function WholeRun({ run }: { run: Run }) {
  const tenantID = useTenantID();
  return (
    <div className={classes.whole}>
      {run.error && (
        <Alert
          color="red"
          variant="light"
          icon={<IconAlertCircle size={18} />}
          title={<span title={run.error.code}>{errorTitle(run.error.code)}</span>}
        >
          <Text size="sm" className={classes.words}>
            {runErrorText(run.error.message)}
          </Text>
        </Alert>
      )}
      <section>
        <Text fw={500} mb={4}>
          <Trans>Run input</Trans>
        </Text>
        {run.inputOmitted ? (
          <LargeValue
            path={url("/api/v1/tenants/{tenantID}/workflows/instances/{instanceID}/input", {
              tenantID,
              instanceID: run.id,
            })}
            load={t`Load input (${formatBytes(run.inputBytes ?? 0)})`}
            bytes={run.inputBytes ?? 0}
            fileName="input.json"
          />
        ) : (
          <JsonView value={run.input ?? null} label={t`Run input`} />
        )}
      </section>
      {run.finishedAt && (
        <section>
          <Text fw={500} mb={4}>
            <Trans>Run output</Trans>
          </Text>
          {run.outputOmitted ? (
            <LargeValue
              path={url("/api/v1/tenants/{tenantID}/workflows/instances/{instanceID}/output", {
                tenantID,
                instanceID: run.id,
              })}
              load={t`Load output (${formatBytes(run.outputBytes ?? 0)})`}
              bytes={run.outputBytes ?? 0}
              fileName="output.json"
            />
          ) : (
            <JsonView value={run.output ?? null} label={t`Run output`} />
          )}
        </section>
      )}
    </div>
  );
}
