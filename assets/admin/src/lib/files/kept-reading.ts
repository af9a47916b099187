import type { File, JsonObject } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { keep, readStored } from "@/lib/stored";

const KEY = "jet-admin.file-readings";
/** The most files whose settings are kept. */
const MOST = 20;

/** The content of a file: another one may have to be read in another way. */
type Content = Pick<File, "id" | "sha256">;

const keyOf = ({ id, sha256 }: Content) => `${id} ${sha256}`;

function all(): [string, JsonObject][] {
  const stored = readStored(KEY);
  if (!Array.isArray(stored)) return [];
  return stored.filter(
    (one): one is [string, JsonObject] =>
      Array.isArray(one) && typeof one[0] === "string" && isObject(one[1]),
  );
}

/** Keeps in this browser how a file is read that no datasource reads, such as its delimiter and number format. */
export function keepReading(file: Content, options: JsonObject): void {
  const others = all().filter(([key]) => key !== keyOf(file));
  keep(KEY, [[keyOf(file), options], ...others].slice(0, MOST));
}

/** Returns how a file was read before; null if that is not known. */
export const keptReading = (file: Content): JsonObject | null =>
  all().find(([key]) => key === keyOf(file))?.[1] ?? null;
