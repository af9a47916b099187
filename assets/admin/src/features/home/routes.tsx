import { indexPage } from "@/lib/route";

export const routes = [indexPage({ title: "Home" }, async () => (await import("./home")).Home)];
