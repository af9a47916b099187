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

/** Gives all elements a size: the test environment lays nothing out, and a virtual list without a size is empty. */
export function withSize(width: number, height: number): void {
  const sizes = { clientWidth: width, clientHeight: height };
  for (const [name, value] of Object.entries(sizes))
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, value });
}

/** Renders a component for a test, with what every component needs around it. */
export const render = (element: React.ReactNode): RenderResult => renderBare(element, { wrapper: Providers });
