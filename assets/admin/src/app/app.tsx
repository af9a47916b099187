import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, useEffect } from "react";
import { RouterProvider } from "react-router/dom";
import { queryClient } from "@/lib/api/query-client";
import { NotificationCorner } from "@/ui/feedback/notify";
import { useFollow } from "./follow";
import { focusRefused } from "./focus-refused";
import { keepFocus } from "./keep-focus";
import { router } from "./router";
import { cssVariables, theme } from "./theme";

function Followed() {
  useFollow();
  useEffect(keepFocus, []);
  useEffect(focusRefused, []);
  return <RouterProvider router={router} />;
}

export function App() {
  return (
    <StrictMode>
      <I18nProvider i18n={i18n}>
        <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
          <QueryClientProvider client={queryClient}>
            <Followed />
            <NotificationCorner />
          </QueryClientProvider>
        </MantineProvider>
      </I18nProvider>
    </StrictMode>
  );
}
