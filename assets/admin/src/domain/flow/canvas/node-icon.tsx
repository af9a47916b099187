import {
  IconArrowIteration,
  IconArrowsJoin,
  IconArrowsSplit,
  IconBell,
  IconBox,
  IconBraces,
  IconClock,
  IconCode,
  IconDatabaseSearch,
  IconFlag,
  IconGitBranch,
  IconMail,
  IconPlayerPlay,
  IconSend,
  IconSitemap,
  IconUserCheck,
  IconWorld,
  type Icon,
} from "@tabler/icons-react";

const icons: Record<string, Icon> = {
  start: IconPlayerPlay,
  end: IconFlag,
  dataQuery: IconDatabaseSearch,
  httpRequest: IconWorld,
  javascript: IconCode,
  set: IconBraces,
  condition: IconGitBranch,
  switch: IconArrowsSplit,
  loop: IconArrowIteration,
  join: IconArrowsJoin,
  delay: IconClock,
  approval: IconUserCheck,
  subWorkflow: IconSitemap,
  email: IconMail,
  notify: IconBell,
  respond: IconSend,
};

export function NodeIcon({ type, size = 16 }: { type: string; size?: number }) {
  const TypeIcon = icons[type] ?? IconBox;
  return <TypeIcon size={size} stroke={1.6} aria-hidden />;
}
