import { page } from "@/lib/route";

export const routes = [
  page("/sign-in", { title: "Sign in" }, async () => (await import("./sign-in")).SignIn),
  page("/sign-up", { title: "Sign up" }, async () => (await import("./sign-up")).SignUp),
  page("/forgot", { title: "Forgotten password" }, async () => (await import("./forgot")).Forgot),
  page("/reset", { title: "New password" }, async () => (await import("./reset")).Reset),
  page("/verify", { title: "Verify e-mail" }, async () => (await import("./verify")).Verify),
  page("/invite/:token", { title: "Invitation" }, async () => (await import("./invitation")).Invitation),
];
