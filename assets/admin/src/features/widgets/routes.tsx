import { t } from "@lingui/core/macro";
import { page, recordPage } from "@/lib/route";

export const routes = [
  page(
    "widgets",
    { title: t`Widgets`, permission: "widget:list" },
    async () => (await import("./list")).WidgetList,
  ),
  page(
    "widgets/new",
    { title: t`New widget`, permission: "widget:create" },
    async () => (await import("./suggested")).NewWidget,
  ),
  page(
    "widgets/new/:type",
    { title: t`New widget`, permission: "widget:create" },
    async () => (await import("./create")).CreateWidget,
  ),
  recordPage(
    "widgets/:widgetID",
    { title: t`Widget`, permission: "widget:read" },
    async () => (await import("./edit")).EditWidget,
  ),
];
