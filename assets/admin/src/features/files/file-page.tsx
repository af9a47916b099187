import { Skeleton } from "@mantine/core";
import { Fragment } from "react";
import { useParams } from "react-router";
import { isNowhere } from "@/lib/api/errors";
import type { File } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { NotFound } from "@/ui/page/plain-page";

/** Loads the file that the URL names and renders its page: again from the start for each file. */
export function FilePage({ children }: { children: (file: File) => React.ReactNode }) {
  const { fileID } = useParams();
  const file = useOne("file", fileID);
  if (isNowhere(file.error)) return <NotFound />;
  if (file.error && !file.data)
    return <ErrorPanel page error={file.error} onRetry={() => void file.refetch()} />;
  if (!file.data) return <Skeleton m="xl" h={240} />;
  return <Fragment key={file.data.id}>{children(file.data)}</Fragment>;
}
