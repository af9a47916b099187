import { useSearchParams } from "react-router";

/** Where to go after sign-in: only within this app, never to another site. */
export function safeNext(next: string | null): string {
  if (!next?.startsWith("/") || next.startsWith("//") || next.includes("\\")) return "/";
  return next;
}

export function useNext(): string {
  const [search] = useSearchParams();
  return safeNext(search.get("next"));
}

/** Keeps the target while someone moves between the sign-in pages. */
export function withNext(path: string, next: string): string {
  return next === "/" ? path : `${path}?next=${encodeURIComponent(next)}`;
}
