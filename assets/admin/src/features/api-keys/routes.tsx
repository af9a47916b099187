import { page } from "@/lib/route";

export const routes = [page("settings/api-keys", { title: "API keys", permission: "apikey:list" }, async () => (await import("./list")).ApiKeyList)];
