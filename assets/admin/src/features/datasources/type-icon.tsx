import { IconApi, IconCode, IconDatabase, IconFile, IconPlug, type Icon } from "@tabler/icons-react";

const icons: [category: RegExp, icon: Icon][] = [
  [/database|sql|cache|key/i, IconDatabase],
  [/api|http/i, IconApi],
  [/file|storage|object/i, IconFile],
  [/script|code/i, IconCode],
];

/** An icon by category: only the server knows the types themselves. */
export function TypeIcon({ category, size = 18 }: { category: string | undefined; size?: number }) {
  const Found = icons.find(([pattern]) => pattern.test(category ?? ""))?.[1] ?? IconPlug;
  return <Found size={size} stroke={1.6} color="var(--jet-muted)" aria-hidden style={{ flex: "none" }} />;
}
