import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Paper, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useId, useState } from "react";
import { NodeIcon } from "@/domain/flow/canvas/node-icon";
import type { NodeType, WorkflowNode } from "@/lib/api/model";
import { titleOf } from "@/lib/flow/graph";
import { findSteps } from "../graph/walk";
import classes from "./find-step.module.css";

const MOST = 8;

interface FindStepProps {
  nodes: WorkflowNode[];
  types: readonly NodeType[];
  /** Brings a step into view. */
  onShow: (nodeID: string) => void;
  /** Closes the search; with a step, the focus moves to it. */
  onClose: (nodeID: string | null) => void;
}

/** Searches the steps by name, type, notes and settings; the arrow keys show each result on the canvas. */
export function FindStep({ nodes, types, onShow, onClose }: FindStepProps) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const found = findSteps({ nodes }, types, text);
  const shown = found.slice(0, MOST);
  const active = shown[at];
  const go = (index: number) => {
    const next = shown[(index + shown.length) % shown.length];
    if (!next) return;
    setAt((index + shown.length) % shown.length);
    onShow(next.id);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at - 1);
    else if (event.key === "Enter" && active) onClose(active.id);
    else if (event.key === "Escape") onClose(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Paper withBorder shadow="md" radius="md" className={classes.find ?? ""} role="search">
      <TextInput
        autoFocus
        role="combobox"
        aria-label={t`Find a step`}
        aria-expanded
        aria-controls={list}
        aria-activedescendant={active ? `${list}-${active.id}` : undefined}
        placeholder={t`Name, type, URL, notes…`}
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => onClose(null)}
      />
      <div id={list} role="listbox" aria-label={t`Steps`} className={classes.list}>
        {shown.map((node, index) => (
          <div
            key={node.id}
            id={`${list}-${node.id}`}
            role="option"
            aria-selected={index === at}
            className={classes.option}
            // The field keeps the focus until the step has it.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onClose(node.id)}
          >
            <NodeIcon type={node.type} size={16} />
            <span className={classes.name}>{titleOf(node)}</span>
            <span className={classes.kind}>
              {types.find(({ type }) => type === node.type)?.name ?? node.type}
            </span>
          </div>
        ))}
      </div>
      {found.length !== shown.length && (
        <Text size="xs" c="dimmed" px="sm" py={4}>
          <Trans>
            Showing {shown.length} of {found.length} steps
          </Trans>
        </Text>
      )}
      {found.length === 0 && (
        <Text size="sm" c="dimmed" p="sm" role="status">
          <Trans>No results.</Trans>
        </Text>
      )}
    </Paper>
  );
}
