import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Skeleton, Text } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { useRunner } from "@/domain/query-editor/run";
import { RunButtons } from "@/domain/query-editor/run-button";
import { offersOf } from "@/domain/query-editor/source/statement";
import { Workbench } from "@/domain/query-editor/workbench";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useCan, useMayTry } from "@/lib/api/me";
import type { DataQueryDraft, DatasourceType, JsonObject } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { unknownType } from "@/lib/api/unknown-type";
import type { LocalQuery } from "../contents";
import classes from "./drawer.module.css";
import type { ActionKind } from "./in-hand";

interface QueryStepProps {
  id: string;
  query: LocalQuery;
  /** Whether it differs from the saved query. */
  dirty: boolean;
  hidden: boolean;
  onChange: (change: Partial<DataQueryDraft>) => void;
  onBack: () => void;
  /** Continues with the values that the query was tried with; to an action if it changes data. */
  onContinue: (tried: JsonObject, kind?: ActionKind) => void;
}

const noType = unknownType("");

/** The query editor, as on the page of a query. */
export function QueryStep(props: QueryStepProps) {
  const can = useCan();
  const { query } = props;
  const datasource = useOne("datasource", query.draft.datasourceID, { enabled: can("datasource:read") });
  const types = useDatasourceTypes().data;
  const type = types?.find((candidate) => candidate.type === datasource.data?.type);
  if (datasource.isLoading || !types) return <Skeleton m="md" h={240} w="auto" hidden={props.hidden} />;
  return <Editor {...props} type={type ?? noType} />;
}

function Editor({
  id,
  query,
  dirty,
  hidden,
  type,
  onChange,
  onBack,
  onContinue,
}: QueryStepProps & { type: DatasourceType }) {
  const can = useCan();
  const { draft, version } = query;
  const savedID = version === null ? null : id;
  const runner = useRunner(draft, savedID, dirty, type);
  const mayTry = useMayTry("dataquery");
  const mayRun = dirty ? mayTry : can("dataquery:execute");
  return (
    <section className={classes.step} hidden={hidden} aria-label={t`Query`}>
      <div className={classes.bar}>
        {savedID !== null && query.dashboardID === null && (
          <Text size="sm" c="dimmed" flex="1 1 240px">
            <Trans>This query is in the library. Changes apply everywhere it is used.</Trans>
          </Text>
        )}
        <div className={classes.runs}>
          {mayRun && <RunButtons runner={runner} offers={offersOf(type, runner.effect)} />}
        </div>
      </div>
      <Workbench
        draft={draft}
        set={onChange}
        errors={{}}
        type={type}
        runner={runner}
        queryID={savedID}
        dirty={dirty}
        readOnly={false}
        mayRun={mayRun && !hidden}
        inDialog
      />
      <div className={classes.foot}>
        <Button variant="default" onClick={onBack}>
          <Trans>Back</Trans>
        </Button>
        <span className={classes.grow} />
        {runner.effect?.changesData ? (
          <>
            <Button variant="default" onClick={() => onContinue(runner.parameters, "button")}>
              <Trans>Create button</Trans>
            </Button>
            <Button
              rightSection={<IconArrowRight size={16} />}
              onClick={() => onContinue(runner.parameters, "form")}
            >
              <Trans>Create form</Trans>
            </Button>
          </>
        ) : (
          <Button
            rightSection={<IconArrowRight size={16} />}
            disabled={draft.options?.["sql"] === ""}
            onClick={() => onContinue(runner.parameters)}
          >
            <Trans>Select chart</Trans>
          </Button>
        )}
      </div>
    </section>
  );
}
