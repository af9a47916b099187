import { onlineManager, QueryClient } from "@tanstack/react-query";
import { connection } from "@/lib/session/connection";
import { isApiError } from "./errors";

// While the server cannot be reached, requests wait and old data stays; afterwards everything is reloaded.
onlineManager.setEventListener((tell) => connection.subscribe(() => tell(connection.isReachable())));

/** Rejected requests are not retried; a lost connection or an overload is, twice. */
function shouldRetry(failures: number, error: unknown): boolean {
  const temporary = isApiError(error) && (error.status === 0 || error.status === 503);
  return temporary && failures < 2;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 5 * 60_000,
      retry: shouldRetry,
      refetchOnWindowFocus: true,
      refetchOnReconnect: "always",
    },
    // A change fails immediately: it must not happen later, unseen.
    mutations: { retry: false, networkMode: "always" },
  },
});
