import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { identity } from "@/lib/session/identity";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { AuthPage } from "./auth-page";

/** A code works once, so it is sent once however often the page renders. */
export function Verify() {
  const [search] = useSearchParams();
  const code = search.get("oobCode") ?? "";
  const { isSuccess, error } = useQuery({
    queryKey: ["verify", code],
    queryFn: () => identity.verifyEmail(code),
    staleTime: Infinity,
    retry: false,
  });
  return (
    <AuthPage
      title={
        isSuccess
          ? t`Your email address is verified`
          : error
            ? t`Your email address is not verified`
            : t`Verifying your email address`
      }
    >
      {error ? (
        <ErrorPanel error={error} />
      ) : (
        !isSuccess && <Loader size="sm" role="status" aria-label={t`Verifying`} />
      )}
      {(isSuccess || error) && (
        <Button component={Link} to="/" fullWidth>
          <Trans>Continue</Trans>
        </Button>
      )}
    </AuthPage>
  );
}
