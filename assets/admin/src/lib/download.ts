import { authFetch } from "./api/client";

/** Saves what the server answers as a file. */
export async function download(path: string, fileName: string, init: RequestInit = {}): Promise<void> {
  const response = await authFetch(path, init);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  // The browser reads the blob after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
