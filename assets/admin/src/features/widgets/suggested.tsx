import { t } from "@lingui/core/macro";
import { Skeleton } from "@mantine/core";
import { useMemo } from "react";
import { Navigate, useLocation, useSearchParams } from "react-router";
import { noDashboard, usePreviewFilters } from "@/domain/widgets/form/preview/preview-filters";
import { usePreviewData } from "@/domain/widgets/form/preview/preview-data";
import { rowsOf } from "@/domain/widgets/kinds/config";
import { suggestKinds } from "@/domain/widgets/kinds/suggest-kinds";
import { useOne } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { PageHeader } from "@/ui/page/page-header";
import { WidgetGallery } from "./gallery";

/** Starts a new widget: of the kind that suits the data of the selected query, or of one to select. */
export function NewWidget() {
  const [search] = useSearchParams();
  const queryID = search.get("query");
  return queryID ? <Suggested key={queryID} queryID={queryID} /> : <WidgetGallery />;
}

function Suggested({ queryID }: { queryID: string }) {
  const link = useTenantLink();
  const { search } = useLocation();
  const query = useOne("dataquery", queryID);
  const config = useMemo(() => ({ queryID }), [queryID]);
  const filters = usePreviewFilters(config, query.data, noDashboard);
  const data = usePreviewData(config, query.data, null, filters.variables);
  const best = useMemo(() => {
    const { rows, columns } = rowsOf(data.result);
    return columns.length > 0 ? suggestKinds(columns, rows)[0] : undefined;
  }, [data.result]);
  if (best) return <Navigate replace to={link("widgets", "new", best) + search} />;
  // Without data, such as that of a query with required parameters, nothing can be suggested.
  if (query.isLoading || data.fetching) return <Loading />;
  return <WidgetGallery />;
}

function Loading() {
  const link = useTenantLink();
  return (
    <>
      <PageHeader title={t`New widget`} breadcrumb={[{ label: t`Widgets`, to: link("widgets") }]} />
      <Skeleton m="md" h={240} w="auto" />
    </>
  );
}
