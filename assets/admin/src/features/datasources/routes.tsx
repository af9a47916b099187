import { t } from "@lingui/core/macro";
import { page, recordPage } from "@/lib/route";

export const routes = [
  page(
    "datasources",
    { title: t`Datasources`, permission: "datasource:list" },
    async () => (await import("./list")).DatasourceList,
  ),
  page(
    "datasources/new",
    { title: t`New datasource`, permission: "datasource:create" },
    async () => (await import("./gallery")).DatasourceGallery,
  ),
  page(
    "datasources/new/:type",
    { title: t`New datasource`, permission: "datasource:create" },
    async () => (await import("./create")).CreateDatasource,
  ),
  recordPage(
    "datasources/:datasourceID",
    { title: t`Datasource`, permission: "datasource:read" },
    async () => (await import("./edit")).EditDatasource,
  ),
];
