import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, useEffect } from "react";
import { RouterProvider } from "react-router";
import { queryClient } from "@/lib/api/query-client";
import { session } from "@/lib/session";
import { NotificationCorner } from "@/ui/notify";
import { router } from "./router";
import { cssVariables, theme } from "./theme";

/** Nothing of one person's data may be left for the next. */
function useForgetOnSignOut() {
  useEffect(
    () =>
      session.subscribe(() => {
        if (session.getState().status === "signedOut") queryClient.clear();
      }),
    [],
  );
}

export function App() {
  useForgetOnSignOut();
  return (
    <StrictMode>
      <I18nProvider i18n={i18n}>
        <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
          <QueryClientProvider client={queryClient}>
            <RouterProvider router={router} />
            <NotificationCorner />
          </QueryClientProvider>
        </MantineProvider>
      </I18nProvider>
    </StrictMode>
  );
}
