import { useNavigate } from "react-router";
import { incomingFiles, pickFiles, type IncomingFiles } from "@/lib/files/incoming-files";
import { useTenantLink } from "@/lib/tenant";

/** Uploads files on their own page. */
export function useUploadPage() {
  const link = useTenantLink();
  const navigate = useNavigate();
  const upload = (incoming: IncomingFiles) => {
    if (incoming.files.length === 0) return;
    void navigate(link("files", "new"), { state: incomingFiles.give(incoming) });
  };
  return {
    upload,
    pick: () => void pickFiles({ multiple: true }).then((files) => upload({ files })),
    pickReplacement: (replaces: { id: string; name: string }) =>
      void pickFiles().then((files) => upload({ files, replaces })),
  };
}
