/** Files that were selected or dropped somewhere in the app, for the upload page, which opens next. */
export interface IncomingFiles {
  files: readonly File[];
  /** The file whose content is replaced. */
  replaces?: { id: string; name: string };
}

let latest: IncomingFiles = { files: [] };

/** Not part of the browser's history: a file cannot be kept there across a reload. */
export const incomingFiles = {
  give: (incoming: IncomingFiles): void => {
    latest = incoming;
  },
  /** Returns the files once: a page that opens later has none. */
  take: (): IncomingFiles => {
    const taken = latest;
    latest = { files: [] };
    return taken;
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
