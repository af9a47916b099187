import { Trans } from "@lingui/react/macro";
import { isApiError } from "@/lib/api/errors";
import { useUnsaved } from "@/lib/session/unsaved";
import { PageNotice } from "@/ui/page/page-notice";
import { NotFound } from "@/ui/page/plain-page";

/**
 * Wraps the editor of a record that may be deleted meanwhile: its page is then gone, but unsaved changes stay visible
 * to be copied.
 */
export function WhileThere({ error, children }: { error: unknown; children: React.ReactNode }) {
  const unsaved = useUnsaved();
  const gone = isApiError(error, "NOT_FOUND");
  if (gone && !unsaved) return <NotFound />;
  return (
    <>
      {children}
      {gone && (
        <PageNotice>
          <Trans>
            This was deleted while you were editing. Copy anything you still need: your changes can no longer
            be saved.
          </Trans>
        </PageNotice>
      )}
    </>
  );
}
