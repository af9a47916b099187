import { createContext, use } from "react";
import type { AccessLevel } from "./model";

const Level = createContext<AccessLevel>("edit");

/** Set around what is shown of a dashboard, with the caller's level on it. */
export const LevelProvider = Level.Provider;
export const useLevel = (): AccessLevel => use(Level);

const onDashboards = new Set(["dashboard", "widget", "dataquery"]);
const needed: Record<string, AccessLevel> = { list: "view", read: "view", use: "use", execute: "use" };
const levels: readonly AccessLevel[] = ["view", "use", "edit"];

/** Whether a level on a dashboard allows what a permission is about, there. */
export function isAllowedAt(level: AccessLevel, permission: string): boolean {
  const [noun = "", verb = ""] = permission.split(":");
  return !onDashboards.has(noun) || levels.indexOf(level) >= levels.indexOf(needed[verb] ?? "edit");
}
