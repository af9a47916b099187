import { t } from "@lingui/core/macro";
import { page, recordPage } from "@/lib/route";

export const routes = [
  page("files", { title: t`Files`, permission: "file:list" }, async () => (await import("./list")).FileList),
  page(
    "files/new",
    { title: t`Upload files`, permission: "file:create" },
    async () => (await import("./upload")).UploadFiles,
  ),
  recordPage(
    "files/:fileID",
    { title: t`File`, permission: "file:read" },
    async () => (await import("./show")).ShowFile,
  ),
  page(
    "files/:fileID/table",
    { title: t`Create table`, permission: "file:read" },
    async () => (await import("./table/create-table")).CreateTable,
  ),
];
