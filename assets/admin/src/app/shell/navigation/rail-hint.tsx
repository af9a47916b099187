import { Tooltip } from "@mantine/core";
import type { ReactElement } from "react";

export function RailHint({ label, children }: { label: string; children: ReactElement }) {
  return (
    <Tooltip label={label} position="right" openDelay={0}>
      {children}
    </Tooltip>
  );
}
