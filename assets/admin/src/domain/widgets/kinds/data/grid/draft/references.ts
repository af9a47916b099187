import { t } from "@lingui/core/macro";
import { formatNumber } from "@/lib/format/format";
import { isObject } from "@/lib/is-object";
import type { ChoicesAsk, FieldChoices } from "../../../host";

/** Finds rows that a column refers to. */
export type FindRows = (ask: ChoicesAsk, signal?: AbortSignal) => Promise<FieldChoices>;

/** A pasted text that matches no row, or several. It stays in its cell until it is corrected. */
interface RefusedText {
  refused: string;
  why: string;
}

export const isRefused = (value: unknown): value is RefusedText =>
  isObject(value) && typeof value["refused"] === "string" && typeof value["why"] === "string";

/** The rows that a column refers to, as far as they are known. */
export interface References {
  /** Returns the label of a key; undefined while it is not known, or if no row has it. */
  labelOf: (key: unknown) => string | undefined;
  /** Loads the labels of keys, once for the same `data`: other data may come with other labels. */
  load: (keys: readonly unknown[], data?: unknown) => void;
  /** Remembers rows that were found. */
  learn: (found: FieldChoices["choices"]) => void;
  /** Finds rows that contain a text. */
  search: (text: string, signal: AbortSignal) => Promise<FieldChoices>;
  /** Resolves texts that were entered as keys or labels: each to a key, or to why it matches none. */
  resolve: (texts: readonly string[]) => Promise<Map<string, unknown>>;
}

/** The most keys and texts of one request. */
const KEYS = 500;
const TEXTS = 100;
/** How long keys are collected before their labels are requested. */
const SOON = 20;

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

/** Returns the key of the row that a text matches; a refused text if it matches none, or several. */
export function meaningOf(text: string, found: FieldChoices["choices"], more: boolean): unknown {
  const lower = text.toLowerCase();
  const candidates = found.filter(
    ({ value, label }) => String(value) === text || label.trim().toLowerCase() === lower,
  );
  const exact = candidates.filter(({ value, label }) => String(value) === text || label.trim() === text);
  const [only, ...others] = exact.length === 1 ? exact : candidates;
  if (!only) return { refused: text, why: t`No row has the label or the key “${text}”.` };
  if (others.length || more) {
    const count = formatNumber(candidates.length);
    return {
      refused: text,
      why: t`“${text}” could mean ${count} rows: select one of them, or paste its key.`,
    };
  }
  return only.value;
}

/** Keeps the labels of a column. `onChange` is called when some have arrived. */
export function createReferences(field: string, find: FindRows, onChange: () => void): References {
  const labels = new Map<string, string>();
  const wanted = new Map<string, unknown>();
  /** The keys that were requested for the present data. */
  const asked = new Set<string>();
  let present: unknown;
  let timer: ReturnType<typeof setTimeout> | null = null;

  const learn: References["learn"] = (found) => {
    for (const { value, label } of found) labels.set(String(value), label);
  };

  const request = async () => {
    timer = null;
    const keys = [...wanted.values()];
    wanted.clear();
    for (const part of chunks(keys, KEYS)) {
      try {
        learn((await find({ field, search: "", value: null, values: part })).choices);
        onChange();
      } catch {
        return;
      }
    }
  };

  const resolvePart = async (texts: readonly string[], into: Map<string, unknown>): Promise<void> => {
    const { choices, more } = await find({ field, search: "", value: null, texts: [...texts] });
    if (more && texts.length > 1) {
      const half = Math.ceil(texts.length / 2);
      await resolvePart(texts.slice(0, half), into);
      return resolvePart(texts.slice(half), into);
    }
    learn(choices);
    for (const text of texts) into.set(text, meaningOf(text, choices, more));
  };

  return {
    labelOf: (key) => labels.get(String(key)),
    load(keys, data) {
      if (data !== present) asked.clear();
      present = data;
      for (const key of keys) {
        const text = String(key);
        if (key === null || key === undefined || isRefused(key) || asked.has(text)) continue;
        // What no row has is not requested again, and what failed stays a key.
        asked.add(text);
        wanted.set(text, key);
      }
      if (wanted.size && timer === null) timer = setTimeout(() => void request(), SOON);
    },
    learn(found) {
      learn(found);
      onChange();
    },
    search: (text, signal) => find({ field, search: text, value: null }, signal),
    async resolve(texts) {
      const meanings = new Map<string, unknown>();
      for (const part of chunks([...new Set(texts)], TEXTS)) await resolvePart(part, meanings);
      onChange();
      return meanings;
    },
  };
}
