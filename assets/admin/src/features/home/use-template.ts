import { useState } from "react";
import { useNavigate } from "react-router";
import { numbered, useMakeAll } from "@/lib/api/make-all";
import { useCan } from "@/lib/api/me";
import { plainQuery, testQuery } from "@/lib/api/subjects/data-queries";
import { uploadText } from "@/lib/api/subjects/files";
import { useTenantID, useTenantLink } from "@/lib/tenant";
import { templates, type Template } from "./templates";

/** The templates whose records the caller may create and run. */
export function useTemplates(): Template[] {
  const can = useCan();
  return templates.filter(
    ({ kinds }) => kinds.every((kind) => can(`${kind}:create`)) && can("dataquery:execute"),
  );
}

/** Creates the records of a template, all or none, and opens them. */
export function useTemplate() {
  const tenantID = useTenantID();
  const link = useTenantLink();
  const navigate = useNavigate();
  const makeAll = useMakeAll();
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const start = async (template: Template) => {
    setBusy(template.id);
    setError(null);
    try {
      const opened = await makeAll((make) =>
        template.build({
          make,
          run: async (datasourceID, sql) => {
            await testQuery(tenantID, plainQuery(datasourceID, sql), { parameters: {} });
          },
          upload: async (name, csv) => {
            const upload = (number: number) => uploadText(tenantID, `${numbered(name, number)}.csv`, csv);
            return (await make.file(upload)).id;
          },
        }),
      );
      void navigate(link(...opened));
    } catch (failed) {
      setError(failed);
      setBusy(null);
    }
  };
  return { start, busy, error };
}
