import { page } from "@/lib/route";

export const routes = [page("profile", { title: "Profile" }, async () => (await import("./profile")).Profile)];
