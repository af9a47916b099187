import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Loader, Text, Title, UnstyledButton } from "@mantine/core";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import classes from "./home.module.css";
import { useTemplate, useTemplates } from "./use-template";

/** The page of the templates, for tenants that already contain something. */
export function Templates() {
  return (
    <>
      <PageHeader title={t`Templates`} />
      <div className={classes.page}>
        <TemplateList />
      </div>
    </>
  );
}

/** The templates; one click creates the records of one. */
export function TemplateList() {
  const templates = useTemplates();
  const { start, busy, error } = useTemplate();
  if (templates.length === 0) return null;
  return (
    <section aria-label={t`Templates`}>
      <Title order={2} size="h3">
        <Trans>Start from a template</Trans>
      </Title>
      <Text c="var(--jet-muted)" mb="sm">
        <Trans>Each creates records with sample data, which you can change or delete.</Trans>
      </Text>
      {Boolean(error) && <ErrorPanel error={error} title={t`Could not create the template`} />}
      <ul className={classes.cards}>
        {templates.map((template) => {
          const { id, title, text, icon: TemplateIcon } = template;
          return (
            <li key={id} className={classes.card}>
              {busy === id ? <Loader size={20} /> : <TemplateIcon size={20} stroke={1.6} aria-hidden />}
              <UnstyledButton
                className={classes.cardLink}
                aria-busy={busy === id}
                disabled={busy !== null}
                onClick={() => void start(template)}
              >
                <span className={classes.name}>{title}</span>
                <span className={classes.cardText}>{busy === id ? t`Creating…` : text}</span>
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
