import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Select } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { WorkflowNode } from "@/lib/api/model";
import { START, titleOf } from "@/lib/flow/graph";
import { bodyProblem, loopOf, LOOP } from "@/lib/flow/loops";
import type { GraphActions } from "../canvas/use-graph-actions";

interface LoopFieldProps {
  node: WorkflowNode;
  nodes: readonly WorkflowNode[];
  actions: GraphActions;
}

const NONE = "";

/** Selects the loop of a step, and adds steps to a loop, without the mouse. */
export function LoopField({ node, nodes, actions }: LoopFieldProps) {
  const loops = nodes.filter(({ id, type }) => type === LOOP && bodyProblem(nodes, node.id, id) === null);
  const current = loopOf(nodes, node);
  if (node.type === START) return null;
  return (
    <>
      {loops.length > 0 && (
        <Select
          label={t`Parent loop`}
          data={[
            { value: NONE, label: t`No loop` },
            ...loops.map((loop) => ({ value: loop.id, label: titleOf(loop) })),
          ]}
          value={current ?? NONE}
          onChange={(loop) =>
            loop !== null &&
            loop !== (current ?? NONE) &&
            actions.moveInto(node.id, loop === NONE ? undefined : loop)
          }
        />
      )}
      {node.type === LOOP && (
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={(event) => {
            const { left, bottom } = event.currentTarget.getBoundingClientRect();
            actions.setAdding({ into: node.id, at: { x: left, y: bottom + 4 } });
          }}
        >
          <Trans>Add a step to this loop</Trans>
        </Button>
      )}
    </>
  );
}
