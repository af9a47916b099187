import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Anchor, Code, Group, Tabs, Text } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { Link } from "react-router";
import { runErrorText } from "@/lib/api/texts/error-texts";
import { url, withQuery } from "@/lib/api/client";
import type { Run, Step } from "@/lib/api/model";
import { titleOf } from "@/lib/flow/graph";
import { countedFromOne } from "@/lib/flow/rounds";
import { formatBytes } from "@/lib/format/format";
import { useTenantID, useTenantLink } from "@/lib/tenant";
import { Time } from "@/ui/text/time";
import { errorTitle } from "./error-titles";
import { StatusBadge } from "./status-badge";
import { LargeValue } from "./large-value";
import { TaskForm } from "./task-form";
import { ValueView } from "./value-view";
import classes from "./run.module.css";

/** Shows a step's input, output, logs and error. */
export function StepDetails({ run, step }: { run: Run; step: Step }) {
  const logs = step.logs ?? [];
  return (
    <div className={classes.details}>
      <StepHead run={run} step={step} />
      {step.task && step.status === "WAITING" && (
        <TaskForm key={step.task.id} instanceID={run.id} task={step.task} dueAt={step.dueAt} />
      )}
      {step.error && (
        <Alert
          color="red"
          variant="light"
          icon={<IconAlertCircle size={18} />}
          title={<span title={step.error.code}>{errorTitle(step.error.code)}</span>}
          mx="md"
          mb="sm"
        >
          <Text size="sm" className={classes.words}>
            {runErrorText(step.error.message)}
          </Text>
        </Alert>
      )}
      <Tabs defaultValue="output" key={`${step.nodeID}/${step.iteration}`} className={classes.tabs ?? ""}>
        <Tabs.List>
          <Tabs.Tab value="output">
            <Trans>Output</Trans>
          </Tabs.Tab>
          <Tabs.Tab value="input">
            <Trans>Input</Trans>
          </Tabs.Tab>
          <Tabs.Tab value="logs">{logs.length ? t`Logs (${logs.length})` : t`Logs`}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="output" className={classes.panel ?? ""}>
          {step.outputOmitted ? (
            <StepValue
              run={run}
              step={step}
              part="output"
              load={t`Load output (${formatBytes(step.outputBytes ?? 0)})`}
              bytes={step.outputBytes ?? 0}
            />
          ) : (
            <ValueView value={step.output} label={t`Output`} empty={t`No output.`} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="input" className={classes.panel ?? ""}>
          {step.inputOmitted ? (
            <StepValue
              run={run}
              step={step}
              part="input"
              load={t`Load input (${formatBytes(step.inputBytes ?? 0)})`}
              bytes={step.inputBytes ?? 0}
            />
          ) : (
            <ValueView value={step.input} label={t`Input`} empty={t`No input recorded.`} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="logs" className={classes.panel ?? ""}>
          {step.logsOmitted ? (
            <StepValue
              run={run}
              step={step}
              part="logs"
              load={t`Load logs (${formatBytes(step.logsBytes ?? 0)})`}
              bytes={step.logsBytes ?? 0}
            />
          ) : logs.length ? (
            <Code block className={classes.logs ?? ""}>
              {logs.join("\n")}
            </Code>
          ) : (
            <Text c="dimmed" size="sm">
              <Trans>No log entries.</Trans>
            </Text>
          )}
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

interface StepValueProps {
  run: Run;
  step: Step;
  part: "output" | "input" | "logs";
  load: string;
  bytes: number;
}

/** A large value of a step, loaded on demand. */
function StepValue({ run, step, part, load, bytes }: StepValueProps) {
  const tenantID = useTenantID();
  const path = withQuery(
    url("/api/v1/tenants/{tenantID}/workflows/instances/{instanceID}/steps/{nodeID}", {
      tenantID,
      instanceID: run.id,
      nodeID: step.nodeID,
    }),
    { part, iteration: step.iteration },
  );
  return (
    <LargeValue key={path} path={path} load={load} bytes={bytes} fileName={`${step.name}-${part}.json`} />
  );
}

function StepHead({ run, step }: { run: Run; step: Step }) {
  const link = useTenantLink();
  const node = run.nodes?.find(({ id }) => id === step.nodeID);
  const iteration = step.iteration && countedFromOne(step.iteration);
  return (
    <Group gap="md" className={classes.detailsHead}>
      <Text fw={500}>
        {node ? titleOf(node) : step.name}
        {iteration && (
          <Text span c="dimmed" fw={400}>
            {" "}
            <Trans>iteration {iteration}</Trans>
          </Text>
        )}
      </Text>
      <StatusBadge status={step.status} />
      {step.attempt > 1 && (
        <Text size="sm" c="dimmed">
          <Trans>attempt {step.attempt}</Trans>
        </Text>
      )}
      {step.dueAt && !step.task && (step.status === "WAITING" || step.status === "RETRYING") && (
        <Text size="sm" c="dimmed">
          <Trans>
            resumes <Time value={step.dueAt} />
          </Trans>
        </Text>
      )}
      {step.reused && <Reused run={run} />}
      {step.childID && (
        <Anchor component={Link} to={link("runs", step.childID)} size="sm">
          <Trans>Open child run</Trans>
        </Anchor>
      )}
    </Group>
  );
}

/** The step did not run: its output is from the run that was replayed. */
function Reused({ run }: { run: Run }) {
  const link = useTenantLink();
  return (
    <Text size="sm" c="dimmed">
      {run.replayOf ? (
        <Trans>
          reused from{" "}
          <Anchor component={Link} to={link("runs", run.replayOf)} size="sm">
            an earlier run
          </Anchor>
        </Trans>
      ) : (
        t`reused from an earlier run`
      )}
    </Text>
  );
}
