import { Splitter, type SplitterProps } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";

interface PanesProps extends Omit<SplitterProps, "sizes" | "onSizeChange"> {
  /** The storage key of the sizes. */
  name: string;
}

/** Resizable panes that remember their sizes. Children are `<Splitter.Pane defaultSize="320px" min="240px">`. */
export function Panes({ name, children, ...props }: PanesProps) {
  const [sizes, setSizes] = useLocalStorage<NonNullable<SplitterProps["sizes"]> | null>({
    key: `jet-admin.panes.${name}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  return (
    <Splitter
      h="100%"
      lineSize={1}
      handleColor="var(--jet-hairline)"
      withHandle={false}
      {...props}
      {...(sizes ? { sizes } : {})}
      onSizeChange={setSizes}
    >
      {children}
    </Splitter>
  );
}
