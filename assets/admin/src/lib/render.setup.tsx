import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { cleanup, render as renderBare, type RenderResult } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);

// Text fields that grow listen to it; the test environment has none.
Object.defineProperty(document, "fonts", { value: new EventTarget() });

const Providers = ({ children }: { children: React.ReactNode }) => (
  <I18nProvider i18n={i18n}>
    <MantineProvider env="test">{children}</MantineProvider>
  </I18nProvider>
);

/** Renders a component for a test, with what every component needs around it. */
export const render = (element: React.ReactNode): RenderResult => renderBare(element, { wrapper: Providers });
