import { PlainPage } from "@/ui/plain-page";

export function SignIn() {
  return <PlainPage title="Sign in" />;
}
