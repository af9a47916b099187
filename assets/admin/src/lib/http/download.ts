import { authFetch } from "@/lib/api/client";

/** Saves a file through the browser. */
export function saveBlob(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: fileName });
  link.click();
  // The browser reads the blob after it has handled the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Saves a response as a file. */
export async function download(path: string, fileName: string, init: RequestInit = {}): Promise<void> {
  const response = await authFetch(path, init);
  saveBlob(await response.blob(), fileName);
}

export interface SaveProgress {
  fileName: string;
  onBytes: (bytes: number) => void;
  signal: AbortSignal;
}

interface Target {
  write: (chunk: Uint8Array<ArrayBuffer>) => Promise<void> | void;
  finish: () => Promise<void> | void;
  discard: () => Promise<void> | void;
}

type PickFile = (options: {
  suggestedName: string;
}) => Promise<{ createWritable: () => Promise<FileSystemWritableFileStream> }>;

/**
 * Saves a long response as it arrives: straight to a file where the browser supports that, else through memory. Returns
 * false if the user cancelled the dialog. Throws if the response breaks off; nothing of it is kept then.
 */
export async function saveAnswer(
  path: string,
  init: RequestInit,
  { fileName, onBytes, signal }: SaveProgress,
): Promise<boolean> {
  const target = await fileTarget(fileName);
  if (!target) return false;
  try {
    const response = await authFetch(path, { ...init, signal });
    const reader = response.body?.getReader();
    let bytes = 0;
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      await target.write(part.value);
      bytes += part.value.byteLength;
      onBytes(bytes);
    }
    await target.finish();
    return true;
  } catch (error) {
    await target.discard();
    throw error;
  }
}

async function fileTarget(fileName: string): Promise<Target | null> {
  const pick = (window as { showSaveFilePicker?: PickFile }).showSaveFilePicker;
  if (!pick) return memoryTarget(fileName);
  try {
    const file = await (await pick.call(window, { suggestedName: fileName })).createWritable();
    return { write: (chunk) => file.write(chunk), finish: () => file.close(), discard: () => file.abort() };
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    // Not allowed, for example, in a frame.
    return memoryTarget(fileName);
  }
}

function memoryTarget(fileName: string): Target {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  return {
    write: (chunk) => void parts.push(chunk),
    finish: () => saveBlob(new Blob(parts), fileName),
    discard: () => void parts.splice(0),
  };
}
