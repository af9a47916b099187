import { page } from "@/lib/route";

export const routes = [
  page("datasources", { title: "Datasources", permission: "datasource:list" }, async () => (await import("./list")).DatasourceList),
  page("datasources/new", { title: "New datasource", permission: "datasource:create" }, async () => (await import("./gallery")).DatasourceGallery),
  page("datasources/new/:type", { title: "New datasource", permission: "datasource:create" }, async () => (await import("./create")).CreateDatasource),
  page("datasources/:datasourceID", { title: "Datasource", permission: "datasource:read" }, async () => (await import("./edit")).EditDatasource),
];
