import { page } from "@/lib/route";

export const routes = [page("widgets", { title: "Widgets", permission: "widget:list" }, async () => (await import("./list")).WidgetList)];
