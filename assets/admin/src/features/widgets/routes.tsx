import { page } from "@/lib/route";

export const routes = [
  page("widgets", { title: "Widgets", permission: "widget:list" }, async () => (await import("./list")).WidgetList),
  page("widgets/new", { title: "New widget", permission: "widget:create" }, async () => (await import("./gallery")).WidgetGallery),
  page("widgets/new/:type", { title: "New widget", permission: "widget:create" }, async () => (await import("./create")).CreateWidget),
  page("widgets/:widgetID", { title: "Widget", permission: "widget:read" }, async () => (await import("./edit")).EditWidget),
];
