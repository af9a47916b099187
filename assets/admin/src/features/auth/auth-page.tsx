import { Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Brand } from "@/ui/page/brand";
import classes from "./auth-page.module.css";

/** A page for people who are not signed in: one column without navigation. */
export function AuthPage({
  title,
  text,
  children,
  footer,
}: {
  title: string;
  text?: React.ReactNode;
  children?: React.ReactNode;
  footer?: React.ReactNode;
}) {
  useDocumentTitle([title, "jet-admin"].join(" · "));
  return (
    <main className={classes.page}>
      <div className={classes.column}>
        <Brand />
        <Stack gap="lg">
          <div>
            <Title order={1}>{title}</Title>
            {text && (
              <Text c="dimmed" mt={4} component="div">
                {text}
              </Text>
            )}
          </div>
          {children}
          {footer && (
            <Text size="sm" c="dimmed" component="div">
              {footer}
            </Text>
          )}
        </Stack>
      </div>
    </main>
  );
}
