import { t } from "@lingui/core/macro";
import { ActionIcon, Tooltip } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { Panel } from "@xyflow/react";
import {
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconLayoutSidebarRightCollapse,
  IconLayoutSidebarRightExpand,
} from "@tabler/icons-react";

const remembered = (key: string, defaultValue: boolean) => ({
  key: `jet-admin.workflow-panels.${key}`,
  defaultValue,
  getInitialValueInEffect: false,
});

/** Which panels beside the canvas are open; the browser remembers it. */
export function usePanels(wide: boolean) {
  const [palette, setPalette] = useLocalStorage(remembered("palette", false));
  const [inspector, setInspector] = useLocalStorage(remembered("inspector", true));
  return { wide, palette, setPalette, inspector, setInspector };
}

export type Panels = ReturnType<typeof usePanels>;

/** Folds and unfolds the panels, at the corners of the canvas that they are next to. */
export function PanelToggles({ panels, editable }: { panels: Panels; editable: boolean }) {
  const { wide, palette, setPalette, inspector, setInspector } = panels;
  if (!wide) return null;
  return (
    <>
      {editable && (
        <Panel position="top-left">
          <PanelToggle
            label={palette ? t`Hide available steps` : t`Show available steps`}
            open={palette}
            icon={palette ? IconLayoutSidebarLeftCollapse : IconLayoutSidebarLeftExpand}
            onToggle={() => setPalette(!palette)}
          />
        </Panel>
      )}
      <Panel position="top-right">
        <PanelToggle
          label={inspector ? t`Hide inspector` : t`Show inspector`}
          open={inspector}
          icon={inspector ? IconLayoutSidebarRightCollapse : IconLayoutSidebarRightExpand}
          onToggle={() => setInspector(!inspector)}
        />
      </Panel>
    </>
  );
}

interface PanelToggleProps {
  label: string;
  open: boolean;
  icon: typeof IconLayoutSidebarLeftExpand;
  onToggle: () => void;
}

function PanelToggle({ label, open, icon: ToggleIcon, onToggle }: PanelToggleProps) {
  return (
    <Tooltip label={label} position="bottom">
      <ActionIcon size={32} variant="default" aria-label={label} aria-expanded={open} onClick={onToggle}>
        <ToggleIcon size={16} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}
