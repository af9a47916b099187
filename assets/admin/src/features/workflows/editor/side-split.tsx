import { Splitter, type SplitterProps } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import classes from "../workflows.module.css";

interface SideSplitProps {
  /** Absent while it is folded. */
  beside: React.ReactNode;
  children: React.ReactNode;
}

/** A resizable pane beside the content; it remembers its width, and can be folded without unmounting the content. */
export function SideSplit({ beside, children }: SideSplitProps) {
  const [sizes, setSizes] = useLocalStorage<NonNullable<SplitterProps["sizes"]>>({
    key: "jet-admin.panes.workflow-side",
    defaultValue: [100, "320px"],
    getInitialValueInEffect: false,
  });
  return (
    <Splitter
      className={classes.sideSplit}
      mod={{ closed: !beside }}
      lineSize={1}
      handleColor="var(--jet-hairline)"
      withHandle={false}
      sizes={beside ? sizes : [100, 0]}
      onSizeChange={(next) => beside && setSizes(next)}
    >
      <Splitter.Pane defaultSize={100} min={30}>
        {children}
      </Splitter.Pane>
      <Splitter.Pane defaultSize="320px" min={beside ? "260px" : 0}>
        {beside}
      </Splitter.Pane>
    </Splitter>
  );
}
