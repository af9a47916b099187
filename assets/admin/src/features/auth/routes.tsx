import { t } from "@lingui/core/macro";
import { page } from "@/lib/route";

export const routes = [
  page("/sign-in", { title: t`Sign in` }, async () => (await import("./sign-in")).SignIn),
  page("/sign-out", { title: t`Sign out` }, async () => (await import("./sign-out")).SignOut),
  page("/sign-up", { title: t`Sign up` }, async () => (await import("./sign-up")).SignUp),
  page("/forgot", { title: t`Reset password` }, async () => (await import("./forgot")).Forgot),
  page("/reset", { title: t`New password` }, async () => (await import("./reset")).Reset),
  page("/verify", { title: t`Verify email` }, async () => (await import("./verify")).Verify),
  page("/invite/:token", { title: t`Invitation` }, async () => (await import("./invitation")).Invitation),
];
