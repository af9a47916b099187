import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, StrictMode, Suspense, useEffect } from "react";
import { RouterProvider } from "react-router";
import { queryClient } from "@/lib/api/query-client";
import { session } from "@/lib/session";
import { router } from "./router";
import { cssVariables, theme } from "./theme";

const Notifications = lazy(async () => ({ default: (await import("@mantine/notifications")).Notifications }));

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
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
          <Suspense>
            <Notifications position="bottom-right" limit={3} />
          </Suspense>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>
  );
}
