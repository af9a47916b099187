import type { JsonObject, VersionDetail } from "@/lib/api/model";
import type { Editable } from "@/lib/api/resources";
import type { Versioned } from "@/lib/api/subjects/versions";
import { isEqual, mergePatch } from "@/lib/schema/merge-patch";
import type { RecordKind } from "../record-kinds";

/** The kinds whose history is shown. */
export type HistoryKind = RecordKind & Versioned & Editable;

/** What a version of a record consists of, besides its name and description. */
export const historyKinds: Record<HistoryKind, readonly string[]> = {
  datasource: ["type", "options", "tags"],
  dataquery: [
    "datasourceID",
    "options",
    "parameters",
    "columns",
    "transformer",
    "cacheSeconds",
    "timeoutMs",
    "maxRows",
    "runOnLoad",
    "effect",
  ],
  widget: ["type", "config"],
  dashboard: ["tabs", "items", "layouts", "variables", "refreshSeconds", "timeZone"],
  workflow: ["nodes", "edges", "inputs", "triggers", "settings", "enabled"],
  variable: ["value", "secret"],
  role: ["permissions"],
  file: ["fileName", "mediaType", "size", "sha256"],
};

/** A record's name, description and own fields. */
export type Content = JsonObject & { name: string; description: string };

/** Returns the content of a record or of a draft. */
export function contentOf(kind: HistoryKind, record: object): Content {
  const fields = record as JsonObject;
  const own = historyKinds[kind].filter((name) => fields[name] !== undefined && fields[name] !== null);
  return {
    ...Object.fromEntries(own.map((name) => [name, fields[name]])),
    name: String(fields["name"] ?? ""),
    description: String(fields["description"] ?? ""),
  };
}

export const contentOfVersion = (kind: HistoryKind, { name, description, spec }: VersionDetail): Content =>
  contentOf(kind, { ...spec, name, description });

/**
 * Returns the merge patch that restores an earlier content. Whether a workflow is enabled stays, and so does the value
 * of a secret, which no version contains.
 */
export function restoringPatch(kind: HistoryKind, present: Content, wanted: Content): JsonObject {
  const { enabled: _, ...patch } = mergePatch(present, wanted);
  if (kind !== "variable") return patch;
  const { value: _value, secret: _secret, ...others } = patch;
  // The server replaces the whole value, so it gets no merge patch of it.
  const isOther = !present["secret"] && !isEqual(present["value"] ?? null, wanted["value"] ?? null);
  return isOther ? { ...others, value: wanted["value"] ?? null } : others;
}
