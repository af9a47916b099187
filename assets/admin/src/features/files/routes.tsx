import { page } from "@/lib/route";

export const routes = [page("files", { title: "Files", permission: "file:list" }, async () => (await import("./list")).FileList)];
