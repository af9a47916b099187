import { Badge, Tooltip } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";

/** A short mark beside a name, explained by its tooltip: with the mouse on it, with the focus, and by a tap. */
export function MarkBadge({
  icon: Symbol,
  label,
  children,
}: {
  icon: Icon;
  label: string;
  children: ReactNode;
}) {
  return (
    <Tooltip label={label} events={{ hover: true, focus: true, touch: true }}>
      <Badge
        variant="default"
        size="sm"
        tt="none"
        fw={400}
        tabIndex={0}
        leftSection={<Symbol size={12} aria-hidden />}
      >
        {children}
      </Badge>
    </Tooltip>
  );
}
