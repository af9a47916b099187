import { IconPuzzle } from "@tabler/icons-react";
import { widgetKind } from "./";

export function KindIcon({ type, size = 18 }: { type: string; size?: number }) {
  const Found = widgetKind(type)?.icon ?? IconPuzzle;
  return <Found size={size} stroke={1.6} color="var(--jet-muted)" aria-hidden style={{ flex: "none" }} />;
}
