import { Skeleton } from "@mantine/core";
import { Suspense } from "react";
import { rowsOf, type WidgetProps } from "./config";
import { Hint } from "./hint";
import { widgetKind } from "./index";

interface WidgetViewProps extends WidgetProps {
  type: string;
}

/** Draws a widget's data, or says why there is nothing to draw. */
export function WidgetView({ type, ...props }: WidgetViewProps) {
  const kind = widgetKind(type);
  if (!kind) return <Hint text={`This version cannot draw the type “${type}”.`} />;
  if (kind.hasData && rowsOf(props.result).rows.length === 0) return <Hint text="No rows." />;
  return (
    <Suspense fallback={<Skeleton h="100%" mih={40} />}>
      <kind.Component {...props} />
    </Suspense>
  );
}
