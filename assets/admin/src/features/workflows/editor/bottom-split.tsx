import { Splitter, type SplitterProps } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import classes from "../workflows.module.css";

/** A resizable pane below the content; it remembers its height. */
export function BottomSplit({ below, children }: { below: React.ReactNode; children: React.ReactNode }) {
  const [sizes, setSizes] = useLocalStorage<NonNullable<SplitterProps["sizes"]>>({
    key: "jet-admin.panes.workflow-bottom",
    defaultValue: [60, 40],
    getInitialValueInEffect: false,
  });
  return (
    <Splitter
      orientation="vertical"
      className={classes.bottomSplit}
      mod={{ closed: !below }}
      lineSize={1}
      handleColor="var(--jet-hairline)"
      withHandle={false}
      sizes={below ? sizes : [100, 0]}
      onSizeChange={setSizes}
    >
      <Splitter.Pane defaultSize={60} min={below ? 15 : 0}>
        {children}
      </Splitter.Pane>
      <Splitter.Pane defaultSize={40} min={below ? 10 : 0}>
        <div className={classes.below}>{below}</div>
      </Splitter.Pane>
    </Splitter>
  );
}
