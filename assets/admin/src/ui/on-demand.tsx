import {
  cloneElement,
  Suspense,
  useCallback,
  useState,
  type ComponentType,
  type HTMLAttributes,
  type ReactElement,
  type RefCallback,
} from "react";

interface PanelProps {
  button: ReactElement;
  opened: boolean;
  onChange: (opened: boolean) => void;
}

/** A menu with its button. */
export type MenuPanel = ComponentType<PanelProps>;

interface OnDemandProps {
  panel: MenuPanel;
  /** Preloads the panel's code. */
  preload: () => void;
  children: ReactElement<HTMLAttributes<HTMLButtonElement> & { ref?: RefCallback<HTMLButtonElement> }>;
}

/** A button whose menu is loaded on demand: the layout of every page must not wait for its code. */
export function OnDemand({ panel: Panel, preload, children }: OnDemandProps) {
  const [wanted, setWanted] = useState(false);
  if (!wanted)
    return cloneElement(children, {
      "aria-haspopup": "menu",
      "aria-expanded": false,
      onPointerEnter: preload,
      onFocus: preload,
      onClick: () => setWanted(true),
    });
  return (
    <Suspense fallback={children}>
      <Opening panel={Panel}>{children}</Opening>
    </Suspense>
  );
}

function Opening({ panel: Panel, children }: Pick<OnDemandProps, "panel" | "children">) {
  const [opened, setOpened] = useState(false);
  // The real button replaces the placeholder: it takes the focus first, so that the focus can return to it.
  const arrive = useCallback((button: HTMLButtonElement | null) => {
    if (!button) return;
    button.focus();
    setOpened(true);
  }, []);
  return <Panel button={cloneElement(children, { ref: arrive })} opened={opened} onChange={setOpened} />;
}
