import type { DataQueryDraft, DatasourceType } from "@/lib/api/model";
import { looksLikeWriting } from "@/lib/sql/writing";
import { sqlOf } from "../draft";

/** Guesses from its text what running a query does: where that is not certain, the UI asks first. */
export function effectOf(
  { capabilities, type }: Pick<DatasourceType, "capabilities" | "type">,
  { options }: Pick<DataQueryDraft, "options">,
): "reads" | "writes" | "unknown" {
  if (capabilities.sql === true) return looksLikeWriting(sqlOf({ options })) ? "writes" : "reads";
  const method = options["method"];
  if (typeof method === "string") return /^(get|head)$/i.test(method) ? "reads" : "writes";
  if (type === "graphql" && typeof options["query"] === "string")
    return /^\s*(?:#[^\n]*\s*)*(?:query\b|\{)/.test(options["query"]) ? "reads" : "writes";
  return "unknown";
}

/** Returns what can be done with a query besides running it. */
export function offersOf(
  { capabilities }: DatasourceType,
  draft: Pick<DataQueryDraft, "options">,
): { explain: boolean; preview: boolean } {
  return {
    explain: capabilities.explain,
    preview: capabilities.preview && (!capabilities.sql || looksLikeWriting(sqlOf(draft))),
  };
}
