import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Text, UnstyledButton } from "@mantine/core";
import { IconAlertCircle, IconAlertTriangle, IconCircleCheck, IconPencil } from "@tabler/icons-react";
import type { NodeType, Problem, WorkflowNode } from "@/lib/api/model";
import { titleOf } from "@/lib/flow/graph";
import classes from "../workflows.module.css";
import { fieldLabel } from "./problem-texts";

interface ProblemsPanelProps {
  problems: readonly Problem[];
  nodes: readonly WorkflowNode[];
  types: readonly NodeType[];
  /** The list is from the last save, and something has changed since. */
  stale: boolean;
  /** Shows the field of a step, or of the workflow's own settings. */
  onShow: (problem: Problem) => void;
}

const ranks = ["error", "warning", "hint"];

const marks = {
  error: { Mark: IconAlertCircle, label: t`error` },
  warning: { Mark: IconAlertTriangle, label: t`warning` },
  hint: { Mark: IconPencil, label: t`to fill in` },
};

/** Lists what keeps the workflow from running, each with its step. */
export function ProblemsPanel({ problems, nodes, types, stale, onShow }: ProblemsPanelProps) {
  if (problems.length === 0) {
    return (
      <Text size="sm" c="dimmed" p="lg" className={classes.fine}>
        <IconCircleCheck size={16} aria-hidden />
        {stale
          ? t`The workflow has changed since the last check. Save or test to check again.`
          : t`No problems found.`}
      </Text>
    );
  }
  return (
    <div className={classes.problems}>
      {stale && (
        <Text size="sm" c="dimmed" px="lg" py={6}>
          <Trans>Results of the last check. Save or test to check again.</Trans>
        </Text>
      )}
      <ul>
        {[...problems]
          .sort((a, b) => ranks.indexOf(a.severity) - ranks.indexOf(b.severity))
          .map((problem, index) => {
            const { nodeID, message } = problem;
            const node = nodes.find(({ id }) => id === nodeID);
            const field = fieldLabel(problem, node, types);
            const { Mark, label } = marks[problem.severity];
            const words = (
              <>
                <Mark size={16} aria-label={label} data-severity={problem.severity} />
                <b>{node ? titleOf(node) : (nodeID ?? t`Workflow`)}</b>
                {field && <span data-field>{field}</span>}
                <span>{message}</span>
              </>
            );
            return (
              <li key={`${index} ${message}`}>
                <UnstyledButton className={classes.problem} onClick={() => onShow(problem)}>
                  {words}
                </UnstyledButton>
              </li>
            );
          })}
      </ul>
    </div>
  );
}
