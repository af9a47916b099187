import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Modal, Tooltip } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { IconChevronLeft, IconChevronRight, IconPlayerPlay, IconPlayerTrackNext } from "@tabler/icons-react";
import { useRef } from "react";
import { NodeIcon } from "@/domain/flow/canvas/node-icon";
import { useMayTry } from "@/lib/api/me";
import { START, titleOf, titlesOf } from "@/lib/flow/graph";
import { written } from "@/ui/shortcuts/keys";
import type { Runs } from "../editor/use-runs";
import { only, upTo, type Part } from "../graph/partial";
import { neighborOf } from "../graph/walk";
import { NodePanel, type NodePanelProps } from "../inspector/node-panel";
import { InputPane } from "./input-pane";
import { OutputPane } from "./output-pane";
import { SamplePane } from "./sample-pane";
import classes from "./step-view.module.css";

export interface StepViewProps extends NodePanelProps {
  runs: Runs;
  onSave: () => void;
  onClose: () => void;
}

/** Whether Escape closes something of the element itself, such as its open list. */
const isKept = (target: EventTarget) =>
  target instanceof Element && target.getAttribute("data-mantine-stop-propagation") === "true";

/** Whether this is Escape on a button that has nothing open. */
const escapes = ({ key, target }: React.KeyboardEvent) =>
  key === "Escape" &&
  target instanceof HTMLButtonElement &&
  target.getAttribute("aria-expanded") !== "true" &&
  !isKept(target);

/** At once: the next key that is pressed belongs to the step. */
const focusNow = (element: HTMLElement | null) => element?.focus();

/** A step at full width: what it gets, its settings, and what it returns. */
export function StepView(props: StepViewProps) {
  const { node, type, editor, runs, onSave, onClose } = props;
  const { definition } = editor;
  const isStart = node.type === START;
  const mayTest = useMayTry("workflow") && !isStart;
  const output = useRef<HTMLElement>(null);
  const run = (part: Part) => {
    if (runs.starting) return;
    runs.ask("test", part);
    // On a phone it is below the settings.
    output.current?.scrollIntoView({ block: "start" });
  };
  const runOnly = () => run(only(definition, node.id, runs.outputs));
  // Nothing has the focus after a button has gone.
  useWindowEvent("keydown", ({ key, target }) => {
    if (key === "Escape" && target === document.body && runs.asking === null) onClose();
  });
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === "Escape" && !event.defaultPrevented && !isKept(event.target)) return onClose();
    if (!(event.ctrlKey || event.metaKey)) return;
    if (event.key === "Enter" && mayTest) runOnly();
    else if (event.key.toLowerCase() === "s") onSave();
    else return;
    event.preventDefault();
  };
  return (
    <Modal.Root
      opened
      onClose={onClose}
      fullScreen
      returnFocus={false}
      // Handled below, after the fields and lists that Escape closes first.
      closeOnEscape={false}
      transitionProps={{ duration: 0 }}
    >
      <Modal.Content>
        {/* A tooltip that is open would keep Escape for itself. */}
        <div
          className={classes.content}
          onKeyDown={onKeyDown}
          onKeyDownCapture={(event) => escapes(event) && onClose()}
        >
          <Modal.Header className={classes.head ?? ""}>
            <Modal.Title className={classes.title ?? ""}>
              <NodeIcon type={node.type} size={18} />
              <span>{titleOf(node)}</span>
              <span className={classes.kind}>{type?.name ?? node.type}</span>
            </Modal.Title>
            <Walk {...props} />
            {mayTest && <RunButtons onRunUpTo={() => run(upTo(definition, node.id))} onRunOnly={runOnly} />}
            <Modal.CloseButton ml={0} aria-label={t`Close`} />
          </Modal.Header>
          <Modal.Body className={classes.panes ?? ""}>
            <section className={classes.pane} aria-label={t`Input`}>
              <h3>
                <Trans>Input</Trans>
              </h3>
              {isStart ? <SamplePane {...props} /> : <InputPane {...props} />}
            </section>
            <section
              className={`${classes.pane} ${classes.settings}`}
              aria-label={t`Settings`}
              ref={focusNow}
              tabIndex={-1}
              data-autofocus
            >
              <h3>
                <Trans>Settings</Trans>
              </h3>
              <NodePanel key={props.node.id} {...props} wide />
            </section>
            <section className={classes.pane} aria-label={t`Output`} ref={output}>
              <h3>
                <Trans>Output</Trans>
              </h3>
              <OutputPane {...props} />
            </section>
          </Modal.Body>
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}

/** Opens the step before or after this one. */
function Walk({ node, editor: { definition }, onOpen }: StepViewProps) {
  const titles = titlesOf(definition.nodes);
  const [previous, next] = (["previous", "next"] as const).map((direction) =>
    neighborOf(definition, node.id, direction),
  );
  return (
    <>
      <Tooltip label={titles.get(previous ?? "") ?? t`Previous step`}>
        <ActionIcon
          aria-label={t`Previous step`}
          disabled={previous === undefined}
          onClick={() => previous !== undefined && onOpen(previous)}
        >
          <IconChevronLeft size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={titles.get(next ?? "") ?? t`Next step`}>
        <ActionIcon
          aria-label={t`Next step`}
          disabled={next === undefined}
          onClick={() => next !== undefined && onOpen(next)}
        >
          <IconChevronRight size={16} />
        </ActionIcon>
      </Tooltip>
    </>
  );
}

/** The buttons keep the focus while a run starts, so they are not disabled then. */
function RunButtons({ onRunUpTo, onRunOnly }: { onRunUpTo: () => void; onRunOnly: () => void }) {
  const alone = written("mod+Enter");
  return (
    <div className={classes.runs}>
      <Tooltip label={t`Runs all steps that lead to this one, and this one`}>
        <Button variant="default" leftSection={<IconPlayerTrackNext size={16} />} onClick={onRunUpTo}>
          <Trans>Run up to here</Trans>
        </Button>
      </Tooltip>
      <Tooltip label={t`Runs only this step, with the outputs that are known (${alone})`}>
        <Button leftSection={<IconPlayerPlay size={16} />} onClick={onRunOnly}>
          <Trans>Run this step</Trans>
        </Button>
      </Tooltip>
    </div>
  );
}
