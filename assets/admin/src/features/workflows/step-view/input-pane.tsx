import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Accordion, Group, Text } from "@mantine/core";
import { NodeIcon } from "@/domain/flow/canvas/node-icon";
import { ValueView } from "@/domain/flow/run/value-view";
import type { WorkflowNode } from "@/lib/api/model";
import { reachable, START, titleOf, type Graph } from "@/lib/flow/graph";
import { loopsAround } from "@/lib/flow/loops";
import { CopyButton } from "@/ui/text/copy-button";
import workflow from "../workflows.module.css";
import type { StepViewProps } from "./step-view";
import classes from "./step-view.module.css";

/** Returns the steps whose output a step can use, the nearest first. */
function sourcesOf({ nodes, edges }: Graph, nodeID: string): WorkflowNode[] {
  const around = loopsAround(nodes).get(nodeID) ?? [];
  const found: WorkflowNode[] = [];
  for (const level of [nodeID, ...around]) {
    let layer = [level];
    const seen = new Set(found.map(({ id }) => id));
    const all = reachable(edges, level, "up");
    while (layer.length) {
      const before = edges.filter(({ target }) => layer.includes(target)).map(({ source }) => source);
      layer = [...new Set(before)].filter((id) => all.has(id) && !seen.has(id));
      for (const id of layer) seen.add(id);
      found.push(...nodes.filter(({ id, type }) => layer.includes(id) && type !== START));
    }
  }
  return found;
}

/** What a step can use: the outputs of earlier steps, the item of its loop, and the run's input. */
export function InputPane({ node, editor: { definition }, runs, steps }: StepViewProps) {
  const sources = sourcesOf(definition, node.id);
  const loop = loopsAround(definition.nodes).get(node.id)?.[0];
  const item = firstItem(steps.find(({ nodeID }) => nodeID === loop)?.input);
  const outputOf = (source: WorkflowNode): unknown => source.pinnedOutput ?? runs.outputs.get(source.id);
  const [nearest] = sources;
  return (
    <Accordion
      multiple
      variant="default"
      chevronPosition="left"
      defaultValue={[loop ? "item" : (nearest?.id ?? "input")]}
      classNames={{ label: workflow.fold ?? "", control: workflow.foldControl ?? "" }}
    >
      {loop !== undefined && (
        <Source
          id="item"
          label="item"
          path="item"
          value={item}
          empty={t`Not known before the loop has run.`}
        />
      )}
      {sources.map((source) => (
        <Source
          key={source.id}
          id={source.id}
          label={titleOf(source)}
          icon={source.type}
          path={`steps.${source.name}`}
          pinned={source.pinnedOutput !== undefined}
          value={outputOf(source)}
          empty={t`No output yet. Run up to here to get it.`}
        />
      ))}
      <Source
        id="input"
        label={t`Run input`}
        path="input"
        value={runs.sample ?? undefined}
        empty={t`No input yet. It is the input of the last test.`}
      />
    </Accordion>
  );
}

function firstItem(input: unknown): unknown {
  const items = typeof input === "object" && input !== null && "items" in input ? input.items : undefined;
  if (Array.isArray(items)) return items[0] as unknown;
  return typeof items === "number" ? 0 : undefined;
}

interface SourceProps {
  id: string;
  label: string;
  /** A step type. */
  icon?: string;
  /** How expressions refer to it. */
  path: string;
  pinned?: boolean;
  value: unknown;
  /** Shown if there is no value. */
  empty: string;
}

function Source({ id, label, icon, path, pinned = false, value, empty }: SourceProps) {
  return (
    <Accordion.Item value={id}>
      <Accordion.Control>
        <Group gap={8} wrap="nowrap" component="span">
          {icon && <NodeIcon type={icon} size={16} />}
          {label}
          {pinned && (
            <Text span size="sm" c="dimmed">
              <Trans>pinned</Trans>
            </Text>
          )}
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <div className={classes.source}>
          <Group gap={4} mb={6}>
            <code>{path}</code>
            <CopyButton value={`{{ ${path} }}`} label={t`Copy expression`} />
          </Group>
          <ValueView value={value} label={label} empty={empty} />
        </div>
      </Accordion.Panel>
    </Accordion.Item>
  );
}
