import { Skeleton, Text, Title } from "@mantine/core";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import classes from "./home.module.css";

interface SectionProps {
  title: string;
  aside?: React.ReactNode;
  /** Undefined while it is loading. */
  rows: React.ReactNode[] | undefined;
  empty: string;
  error?: unknown;
  onRetry?: () => void;
}

/** A short list with a title, in every state. */
export function Section({ title, aside, rows, empty, error, onRetry }: SectionProps) {
  return (
    <section aria-label={title}>
      <div className={classes.heading}>
        <Title order={2} size="h3">
          {title}
        </Title>
        {aside}
      </div>
      {error && !rows ? (
        <ErrorPanel error={error} {...(onRetry ? { onRetry } : {})} />
      ) : (
        (rows ?? [1, 2, 3].map((row) => <Skeleton key={row} h={14} my={11} w={`${90 - row * 15}%`} />))
      )}
      {rows?.length === 0 && (
        <Text size="sm" c="dimmed" py="sm">
          {empty}
        </Text>
      )}
    </section>
  );
}
