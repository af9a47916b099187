import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Button, CopyButton, Group, Stack, Textarea, TextInput } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { NewLink } from "@/lib/api/model";

const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Returns the markup that embeds the dashboard of a share link in another page. */
const embedCode = (url: string, title: string) =>
  `<iframe src="${escaped(url)}" title="${escaped(title)}" width="100%" height="640" style="border:0"></iframe>`;

/** Shows a new link to copy: it is not shown again. */
export function ShareLink({ link, title, onDone }: { link: NewLink; title: string; onDone: () => void }) {
  const code = embedCode(link.url, title);
  return (
    <Stack gap="md">
      <Alert color="yellow" variant="light">
        <Trans>Copy the link now. You won’t be able to see it again.</Trans>
      </Alert>
      <Group align="flex-end" gap="sm" wrap="nowrap">
        <TextInput
          label={t`Link`}
          readOnly
          flex={1}
          value={link.url}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Copy value={link.url} label={t`Copy link`} primary />
      </Group>
      {link.allowedOrigins.length > 0 && (
        <Group align="flex-end" gap="sm">
          <Textarea
            label={t`Embed code`}
            readOnly
            rows={3}
            flex="1 1 260px"
            value={code}
            onFocus={(event) => event.currentTarget.select()}
          />
          <Copy value={code} label={t`Copy code`} />
        </Group>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          <Trans>Done</Trans>
        </Button>
      </Group>
    </Stack>
  );
}

function Copy({ value, label, primary = false }: { value: string; label: string; primary?: boolean }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button
          variant={primary ? "filled" : "default"}
          style={{ flex: "none" }}
          leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          onClick={copy}
        >
          {copied ? t`Copied` : label}
        </Button>
      )}
    </CopyButton>
  );
}
