import { useMatch, useNavigate } from "react-router";
import { useTenantLink } from "./tenant";

/** Opens a dialog over a list by its own URL: `…/dashboards/new`. */
export function useNewDialog(collection: string) {
  const link = useTenantLink();
  const navigate = useNavigate();
  const opened = useMatch(link(collection, "new")) !== null;
  return {
    opened,
    open: () => void navigate(link(collection, "new")),
    close: () => void navigate(link(collection), { replace: true }),
  };
}
