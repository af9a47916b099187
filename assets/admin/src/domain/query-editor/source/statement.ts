import type { DatasourceType, QueryEffect } from "@/lib/api/model";

/** Returns what can be done with a query besides running it. */
export function offersOf(
  { capabilities }: DatasourceType,
  effect: QueryEffect | undefined,
): { explain: boolean; preview: boolean } {
  return { explain: capabilities.explain, preview: capabilities.preview && effect?.changesData === true };
}
