import { t } from "@lingui/core/macro";
import { ActionIcon, Divider, Group, Paper, Tooltip } from "@mantine/core";
import { useReactFlow } from "@xyflow/react";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconHierarchy3,
  IconMap,
  IconMaximize,
  IconMinus,
  IconPlus,
  IconSearch,
  type Icon,
} from "@tabler/icons-react";
import { fitWhole, glide } from "@/domain/flow/canvas/flow-canvas";
import type { WorkflowNode } from "@/lib/api/model";
import { ariaKeys, written } from "@/ui/shortcuts/keys";
import type { DefinitionEditor } from "../editor/use-definition";
import classes from "../workflows.module.css";
import type { GraphActions } from "./use-graph-actions";

interface ToolbarProps {
  editor: DefinitionEditor;
  actions: GraphActions;
  selected: WorkflowNode | undefined;
  editable: boolean;
  minimap: boolean;
  onMinimap: () => void;
}

/** The buttons of the canvas. */
export function Toolbar({ editor, actions, selected, editable, minimap, onMinimap }: ToolbarProps) {
  const flow = useReactFlow();
  return (
    <Paper withBorder radius="md" p={2} className={classes.toolbar ?? ""}>
      <Group gap={2} wrap="nowrap" role="toolbar" aria-label={t`Canvas`}>
        {editable && (
          <>
            <Tool
              label={t`Add a step`}
              keys="A"
              icon={IconPlus}
              onClick={(event) => {
                const { left, top } = event.currentTarget.getBoundingClientRect();
                actions.addAfter(selected, { x: left, y: top - 368 });
              }}
            />
            <Tool label={t`Undo`} icon={IconArrowBackUp} disabled={!editor.canUndo} onClick={editor.undo} />
            <Tool
              label={t`Redo`}
              icon={IconArrowForwardUp}
              disabled={!editor.canRedo}
              onClick={editor.redo}
            />
            <Tool label={t`Tidy up`} icon={IconHierarchy3} onClick={actions.tidy} />
            <Divider orientation="vertical" my={4} />
          </>
        )}
        <Tool
          label={t`Find a step`}
          keys="mod+F"
          icon={IconSearch}
          onClick={() => actions.setFinding(true)}
        />
        <Tool label={t`Zoom out`} icon={IconMinus} onClick={() => void flow.zoomOut({ duration: 120 })} />
        <Tool label={t`Zoom in`} icon={IconPlus} onClick={() => void flow.zoomIn({ duration: 120 })} />
        <Tool
          label={t`Zoom to fit`}
          icon={IconMaximize}
          onClick={() => void flow.fitView({ ...fitWhole, ...glide })}
        />
        <span className={classes.wideOnly}>
          <Tool label={t`Overview`} icon={IconMap} pressed={minimap} onClick={onMinimap} />
        </span>
      </Group>
    </Paper>
  );
}

interface ToolProps {
  label: string;
  /** Its shortcut, shown beside the label. */
  keys?: string;
  icon: Icon;
  disabled?: boolean;
  pressed?: boolean;
  onClick: React.MouseEventHandler<HTMLButtonElement>;
}

function Tool({ label, keys, icon: ToolIcon, disabled = false, pressed, onClick }: ToolProps) {
  return (
    <Tooltip label={keys ? `${label} (${written(keys)})` : label}>
      <ActionIcon
        size={28}
        aria-label={label}
        {...(keys ? { "aria-keyshortcuts": ariaKeys(keys) } : {})}
        disabled={disabled}
        onClick={onClick}
        {...(pressed === undefined ? {} : { "aria-pressed": pressed, variant: pressed ? "light" : "subtle" })}
      >
        <ToolIcon size={16} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}
