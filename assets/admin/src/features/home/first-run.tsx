import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Text, Title, UnstyledButton } from "@mantine/core";
import { IconDatabase, IconFileUpload, IconTablePlus } from "@tabler/icons-react";
import { Link } from "react-router";
import { useUploadPage } from "@/domain/files/use-incoming";
import { useAppLink, useMayCreateApp } from "@/domain/table-app/app-from-table";
import { useCan } from "@/lib/api/me";
import { useTenantLink } from "@/lib/tenant";
import classes from "./home.module.css";
import { TemplateList } from "./template-list";

/** The home page of an empty tenant: connect data, upload a file, or start from a template. */
export function FirstRun() {
  const can = useCan();
  const link = useTenantLink();
  const { pick } = useUploadPage();
  const mayCreateApp = useMayCreateApp();
  const appLink = useAppLink();
  return (
    <>
      <section aria-label={t`Get started`}>
        <Title order={2} size="h3">
          <Trans>Start with your data</Trans>
        </Title>
        <Text c="var(--jet-muted)" mb="sm">
          <Trans>Query it, put it on dashboards, and automate work with it.</Trans>
        </Text>
        <ul className={classes.cards} data-wide>
          {can("datasource:create") && (
            <li className={classes.card}>
              <IconDatabase size={20} stroke={1.6} aria-hidden />
              <Link to={link("datasources", "new")} className={classes.cardLink}>
                <span className={classes.name}>
                  <Trans>Connect a datasource</Trans>
                </span>
                <span className={classes.cardText}>
                  <Trans>A database, an API or a service.</Trans>
                </span>
              </Link>
            </li>
          )}
          {mayCreateApp && (
            <li className={classes.card}>
              <IconTablePlus size={20} stroke={1.6} aria-hidden />
              <Link to={appLink()} className={classes.cardLink}>
                <span className={classes.name}>
                  <Trans>App from a table</Trans>
                </span>
                <span className={classes.cardText}>
                  <Trans>Search, add, edit and delete the rows of a database table.</Trans>
                </span>
              </Link>
            </li>
          )}
          {can("file:create") && (
            <li className={classes.card}>
              <IconFileUpload size={20} stroke={1.6} aria-hidden />
              <UnstyledButton className={classes.cardLink} onClick={pick}>
                <span className={classes.name}>
                  <Trans>Upload a file</Trans>
                </span>
                <span className={classes.cardText}>
                  <Trans>CSV, Excel or JSON. You can also drop it on any page.</Trans>
                </span>
              </UnstyledButton>
            </li>
          )}
        </ul>
      </section>
      <TemplateList />
    </>
  );
}
