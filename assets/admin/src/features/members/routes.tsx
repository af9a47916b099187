import { page } from "@/lib/route";

export const routes = [page("settings/members", { title: "Members", permission: "member:list" }, async () => (await import("./list")).MemberList)];
