/** A way to give others a dashboard: a link for people without an account, or access for members. */
export type ShareTab = "link" | "access";

/** Returns the ways that the caller may use. */
export const shareTabs = (can: (permission: string) => boolean): ShareTab[] => [
  ...(can("dashboard:share") ? (["link"] as const) : []),
  ...(can("dashboard:update") ? (["access"] as const) : []),
];
