import { page } from "@/lib/route";

export const routes = [page("datasources", { title: "Datasources", permission: "datasource:list" }, async () => (await import("./list")).DatasourceList)];
