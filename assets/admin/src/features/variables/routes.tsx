import { page } from "@/lib/route";

export const routes = [page("variables", { title: "Variables", permission: "variable:list" }, async () => (await import("./list")).VariableList)];
