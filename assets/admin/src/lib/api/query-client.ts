import { QueryClient } from "@tanstack/react-query";
import { isApiError } from "./errors";

/** What the server refuses is not asked again; a lost connection or an overload is, twice. */
function shouldRetry(failures: number, error: unknown): boolean {
  const temporary = isApiError(error) && (error.status === 0 || error.status === 503);
  return temporary && failures < 2;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 15_000, gcTime: 5 * 60_000, retry: shouldRetry, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
});
