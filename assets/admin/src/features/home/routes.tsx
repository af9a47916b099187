import { t } from "@lingui/core/macro";
import { indexPage } from "@/lib/route";

export const routes = [indexPage({ title: t`Home` }, async () => (await import("./home")).Home)];
