import { page } from "@/lib/route";

export const routes = [page("/sign-in", { title: "Sign in" }, async () => (await import("./sign-in")).SignIn)];
