/** Files that were selected or dropped somewhere in the app, for the upload page, which opens next. */
export interface IncomingFiles {
  files: readonly File[];
  /** The file whose content is replaced. */
  replaces?: { id: string; name: string };
}

let latest: { token: string; incoming: IncomingFiles } | null = null;
let given = 0;

const none: IncomingFiles = { files: [] };

/** Not part of the browser's history, which cannot keep files across a reload: it keeps a token for them. */
export const incomingFiles = {
  /** Returns the token to read them with. */
  give: (incoming: IncomingFiles): string => {
    latest = { token: `files ${(given += 1)}`, incoming };
    return latest.token;
  },
  read: (token: unknown): IncomingFiles => (latest?.token === token && latest ? latest.incoming : none),
  /** Forgets them, so that going back does not upload them again. */
  forget: (token: unknown): void => {
    if (latest?.token === token) latest = null;
  },
};

/** Opens the system's dialog to select files; resolves to none if it is closed. */
export function pickFiles({ multiple = false } = {}): Promise<File[]> {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = multiple;
  return new Promise((resolve) => {
    input.addEventListener("change", () => resolve([...(input.files ?? [])]), { once: true });
    input.addEventListener("cancel", () => resolve([]), { once: true });
    input.click();
  });
}
