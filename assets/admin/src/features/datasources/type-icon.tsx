import { IconApi, IconCode, IconDatabase, IconFile, IconPlug, type Icon } from "@tabler/icons-react";

const icons: [category: RegExp, icon: Icon][] = [
  [/database|sql|cache|key/i, IconDatabase],
  [/api|http/i, IconApi],
  [/file|storage|object/i, IconFile],
  [/script|code/i, IconCode],
];

/** A picture by category: the types themselves are known to the server only. */
export function TypeIcon({ category, size = 18 }: { category: string | undefined; size?: number }) {
  const Found = icons.find(([pattern]) => pattern.test(category ?? ""))?.[1] ?? IconPlug;
  return <Found size={size} stroke={1.6} color="var(--jet-muted)" aria-hidden style={{ flex: "none" }} />;
}
