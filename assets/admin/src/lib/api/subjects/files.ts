import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { learnChange, tellChange } from "@/lib/api/changes";
import { api, authFetch, url, withQuery } from "@/lib/api/client";
import { networkError, toApiError } from "@/lib/api/errors";
import { keys } from "@/lib/api/keys";
import type * as model from "@/lib/api/model";
import { parseJson, readJson } from "@/lib/format/exact-json";
import { session } from "@/lib/session/session";
import { useTenantID } from "@/lib/tenant";

/** Stores a text as a new file. */
export async function uploadText(tenantID: string, name: string, text: string): Promise<model.File> {
  const path = withQuery(url("/api/v1/tenants/{tenantID}/files", { tenantID }), { name });
  const response = await authFetch(path, {
    method: "POST",
    headers: { "content-type": "text/csv" },
    body: text,
  });
  return (await readJson(response)) as model.File;
}

/** Restores the content and the name of a version, if nothing was saved since `current`. */
export const restoreFile = (
  tenantID: string,
  fileID: string,
  version: number,
  current: number,
): Promise<model.File> =>
  api.post("/api/v1/tenants/{tenantID}/files/{fileID}/versions/{version}/restore", {
    path: { tenantID, fileID, version: String(version) },
    headers: { "if-match": `"${current}"` },
  });

/** Writes the rows of a file to a table. Aborting it undoes everything. */
export const createFileTable = (
  tenantID: string,
  fileID: string,
  body: model.FileTableDraft,
  signal: AbortSignal,
): Promise<model.FileTable> =>
  api.post("/api/v1/tenants/{tenantID}/files/{fileID}/tables", { path: { tenantID, fileID }, body, signal });

interface Sending {
  name: string;
  /** From 0 to 1. */
  part: number;
}

/**
 * Uploads a file's bytes, as a new file or as new content of an existing one, with progress. Aborted when the component
 * unmounts.
 */
export function useUpload(replaced?: string) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  const [sending, setSending] = useState<Sending | null>(null);
  const [error, setError] = useState<unknown>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const send = async (file: File, name = file.name): Promise<model.File | null> => {
    setError(null);
    setSending({ name, part: 0 });
    const target = replaced
      ? withQuery(url("/api/v1/tenants/{tenantID}/files/{fileID}/content", { tenantID, fileID: replaced }), {
          fileName: file.name,
        })
      : withQuery(url("/api/v1/tenants/{tenantID}/files", { tenantID }), {
          name,
          fileName: file.name,
        });
    try {
      const controller = new AbortController();
      running.current = controller;
      const record = await post(
        controller.signal,
        replaced ? "PUT" : "POST",
        target,
        tenantID,
        file,
        (part) => setSending({ name, part }),
      );
      if (record) client.setQueryData(keys.one(tenantID, "file", record.id), record);
      const change = { tenantID, kind: "file", ...(replaced ? { id: replaced } : {}) } as const;
      tellChange(change);
      await learnChange(client, change);
      return record;
    } catch (failed) {
      setError(failed);
      return null;
    } finally {
      running.current = null;
      setSending(null);
    }
  };
  return { send, sending, error, cancel: () => running.current?.abort() };
}

/** `XMLHttpRequest`, because `fetch` cannot report upload progress. Resolves to null when aborted. */
async function post(
  signal: AbortSignal,
  method: string,
  target: string,
  tenantID: string,
  file: File,
  onPart: (part: number) => void,
): Promise<model.File | null> {
  const idToken = await session.idToken();
  if (signal.aborted) return null;
  const request = new XMLHttpRequest();
  signal.addEventListener("abort", () => request.abort());
  return new Promise((resolve, reject) => {
    request.open(method, target);
    if (idToken) request.setRequestHeader("authorization", `Bearer ${idToken}`);
    request.setRequestHeader("x-tenant-id", tenantID);
    request.setRequestHeader("content-type", file.type || "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => onPart(total ? loaded / total : 0);
    request.onabort = () => resolve(null);
    request.onerror = () => reject(networkError(null));
    request.onload = () => {
      if (request.status < 300) resolve(parseJson(request.responseText) as model.File);
      else
        void toApiError(
          new Response(request.responseText, {
            status: request.status,
            statusText: request.statusText,
            headers: { "x-request-id": request.getResponseHeader("x-request-id") ?? "" },
          }),
        ).then(reject);
    };
    request.send(file);
  });
}
